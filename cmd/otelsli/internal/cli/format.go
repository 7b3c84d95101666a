package cli

import "fmt"

// A Format is a value of -o. It implements pflag.Value.
type Format string

// The formats. [Text] is the default.
const (
	Text Format = "text"
	JSON Format = "json"
)

// Formats lists all formats, for completion.
var Formats = []string{string(Text), string(JSON)}

// String returns the value of the flag.
func (f *Format) String() string {
	if *f == "" {
		return string(Text)
	}
	return string(*f)
}

// Set sets the value of the flag.
func (f *Format) Set(text string) error {
	switch v := Format(text); v {
	case Text, JSON:
		*f = v
		return nil
	}
	return fmt.Errorf("format %q: want text or json", text)
}

// Type returns what the help shows in place of a value.
func (*Format) Type() string { return "text|json" }
