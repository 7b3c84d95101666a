package source

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// outVariable names the file that the program of an overlay writes.
const outVariable = "OTELSLI_INTERNAL_CATALOG_FILE"

// describing is the file that is laid over a command. Its name is the last of the package, so that
// its init function is the last to run. Its imports have names that nobody else's have.
const describing = `package main

import (
	otelsli__json "encoding/json"
	otelsli__os "os"

	otelsli__core "github.com/otelsli/otelsli-go/otelsli"
)

func init() {
	data, err := otelsli__json.Marshal(otelsli__core.Default().Describe())
	if err == nil {
		err = otelsli__os.WriteFile(otelsli__os.Getenv(%q), data, 0o600)
	}
	if err != nil {
		println("otelsli:", err.Error())
		otelsli__os.Exit(1)
	}
	otelsli__os.Exit(0)
}
`

// importing is the other file of a command that imports a library.
const importing = `package main

import _ %s

func main() {}
`

const (
	overlayFile = "zzz_otelsli_catalog.go"
	overlayDir  = "zzz_otelsli_catalog"
)

// An overlay is what the go command sees in place of what is there.
type overlay struct {
	dir     string            // temporary, where its files are
	Replace map[string]string // path that it sees: path of the file
}

// add lays a text over a path.
func (o *overlay) add(path, text string) error {
	file := filepath.Join(o.dir, fmt.Sprintf("overlay%d.go", len(o.Replace)))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	o.Replace[path] = file
	return nil
}

// write writes the overlay as the go command reads it.
func (o *overlay) write() (file string, err error) {
	data, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	file = filepath.Join(o.dir, "overlay.json")
	return file, os.WriteFile(file, data, 0o600)
}

// overlayOf makes the overlay of a package, and says what is to be built with it, from the
// directory of the package.
func overlayOf(p goPackage, temporary string) (o *overlay, target string, err error) {
	o = &overlay{dir: temporary, Replace: make(map[string]string)}
	text := fmt.Sprintf(describing, outVariable)
	if p.Name == "main" {
		return o, ".", o.add(filepath.Join(p.Dir, overlayFile), text)
	}
	dir := filepath.Join(p.Dir, overlayDir)
	if err := o.add(filepath.Join(dir, "main.go"), fmt.Sprintf(importing, strconv.Quote(p.ImportPath))); err != nil {
		return nil, "", err
	}
	return o, "./" + overlayDir, o.add(filepath.Join(dir, overlayFile), text)
}
