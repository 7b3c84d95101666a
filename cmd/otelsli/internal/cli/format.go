package cli

import "fmt"

// A Format is a value of -o. Its methods are those of a flag.
type Format string

// The formats. Text is the default.
const (
	Text Format = "text"
	JSON Format = "json"
)

// Formats are all of them, for completion.
var Formats = []string{string(Text), string(JSON)}

// String gives the value of the flag.
func (f *Format) String() string {
	if *f == "" {
		return string(Text)
	}
	return string(*f)
}

// Set takes the value of the flag.
func (f *Format) Set(text string) error {
	switch v := Format(text); v {
	case Text, JSON:
		*f = v
		return nil
	}
	return fmt.Errorf("format %q: want text or json", text)
}

// Type is what the help shows for a value.
func (*Format) Type() string { return "text|json" }
