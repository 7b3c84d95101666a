package source

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// outVariable is the environment variable that names the file for the catalog.
const outVariable = "OTELSLI_INTERNAL_CATALOG_FILE"

// describing is the file that the overlay adds to a command. Its file name sorts last in the package, so
// its init function runs last. Its imports have names that cannot collide with others.
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

// importing is the second file of the command that imports a library.
const importing = `package main

import _ %s

func main() {}
`

const (
	overlayFile = "zzz_otelsli_catalog.go"
	overlayDir  = "zzz_otelsli_catalog"
)

// An overlay holds the files that the go command sees in addition to, or in place of, those on disk.
type overlay struct {
	dir     string            // temporary directory of the files
	Replace map[string]string // path the go command sees: path of the file
}

// add adds a file with this text at path.
func (o *overlay) add(path, text string) error {
	file := filepath.Join(o.dir, fmt.Sprintf("overlay%d.go", len(o.Replace)))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	o.Replace[path] = file
	return nil
}

// write writes the overlay in the format of go build -overlay.
func (o *overlay) write() (file string, err error) {
	data, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	file = filepath.Join(o.dir, "overlay.json")
	return file, os.WriteFile(file, data, 0o600)
}

// overlayOf returns the overlay for a package, and the target to build with it in the directory of the
// package.
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
