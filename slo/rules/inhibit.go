package rules

import (
	"bytes"
	"fmt"
	"io"
)

type inhibitYAML struct {
	Rules []inhibitionYAML `yaml:"inhibit_rules"`
}

type inhibitionYAML struct {
	Source []string `yaml:"source_matchers"`
	Target []string `yaml:"target_matchers"`
	Equal  []string `yaml:"equal,flow"`
}

// WriteInhibitions writes the inhibition rules as the section inhibit_rules of an Alertmanager
// configuration, for version 0.22 or later. It fails only if w does.
func (s *Set) WriteInhibitions(w io.Writer) error {
	doc := inhibitYAML{Rules: []inhibitionYAML{}}
	for _, i := range s.Inhibitions {
		doc.Rules = append(doc.Rules, inhibitionYAML(i))
	}
	buffer := bytes.NewBufferString(header)
	err := encode(buffer, doc)
	if err == nil {
		_, err = buffer.WriteTo(w)
	}
	if err != nil {
		return fmt.Errorf("rules: write inhibitions: %w", err)
	}
	return nil
}
