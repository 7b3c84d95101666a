// Command empty declares nothing.
package main

func main() {}
