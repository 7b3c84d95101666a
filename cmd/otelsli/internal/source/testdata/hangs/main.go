// Command hangs does not get through its initialisation.
package main

import "time"

func init() { time.Sleep(time.Hour) }

func main() {}
