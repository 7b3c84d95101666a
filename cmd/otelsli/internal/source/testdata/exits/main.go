// Command exits ends before everything is declared.
package main

import "os"

func init() { os.Exit(0) }

func main() {}
