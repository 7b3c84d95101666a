// Command exits ends during its initialisation.
package main

import "os"

func init() { os.Exit(0) }

func main() {}
