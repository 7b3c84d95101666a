package setup

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/otelsli/otelsli-go/otelsli"
)

// fileSuffix ends the name of a variable that names a file with a secret.
const fileSuffix = "_FILE"

// maxSecret limits how much is read from a file with a secret.
const maxSecret = 64 << 10

// fileContents is the content of a file with a secret, read once.
type fileContents struct {
	value string
	ok    bool
}

// ownOrFile returns the value of a variable or, if the variable holds a secret, of the file that
// …_FILE names. Setting both is an error.
func (e *environment) ownOrFile(name string) (value, from string) {
	value, from = e.own(name)
	if !hasFile(name) {
		return value, from
	}
	file := name + fileSuffix
	path, _ := e.own(file)
	switch {
	case path == "":
		return value, from
	case from != "":
		e.problem(&otelsli.FieldError{
			Field: "variable " + file, Value: strconv.Quote(path), Want: "either this or " + name + ", not both",
		})
		return value, from
	}
	c := e.file(file, path)
	if !c.ok {
		return "", ""
	}
	return c.value, file
}

// file returns the secret in a file without leading and trailing white space. Problems are reported
// for the variable that names the file, without any of its content.
func (e *environment) file(variable, path string) fileContents {
	if c, read := e.files[variable]; read {
		return c
	}
	text, err := readSecret(path)
	if err != nil {
		e.problem(&otelsli.FieldError{Field: "variable " + variable, Value: strconv.Quote(path), Want: err.Error()})
	} else {
		e.conceal(strings.TrimSuffix(variable, fileSuffix), text)
	}
	if e.files == nil {
		e.files = make(map[string]fileContents)
	}
	e.files[variable] = fileContents{text, err == nil}
	return e.files[variable]
}

// readSecret returns the text of a file; its error says what would be right.
func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("a file that can be read: %w", cause(err))
	case !info.Mode().IsRegular():
		return "", errors.New("a regular file") // reading any other might never end
	}
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return "", fmt.Errorf("a file that can be read: %w", cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	text := strings.TrimSpace(string(data))
	switch {
	case err != nil:
		return "", fmt.Errorf("a file that can be read: %w", cause(err))
	case len(data) > maxSecret:
		return "", errors.New("a file of no more than 64 KiB")
	case text == "":
		return "", errors.New("a file that is not empty")
	}
	return text, nil
}

// cause returns the error without the path, which the caller already names.
func cause(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
