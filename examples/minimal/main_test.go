package main

import (
	"os"
	"strings"
	"testing"
)

// The README shows this program, as it is compiled here.
func TestREADMEShowsThisProgram(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```go\n"+string(program)+"```\n") {
		t.Error("the README does not contain examples/minimal/main.go as it is; copy it there")
	}
}

// What the tool says in it is what the tool says.
func TestREADMEShowsTheSimulation(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := os.ReadFile("../../cmd/otelsli/internal/root/testdata/simulate.golden")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```\n"+strings.Trim(string(answer), "\n")+"\n```\n") {
		t.Error("the README does not contain the golden output of otelsli simulate as it is; copy it there")
	}
}
