// Command hangs never finishes its initialisation.
package main

import "time"

func init() { time.Sleep(time.Hour) }

func main() {}
