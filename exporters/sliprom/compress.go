package sliprom

import (
	"compress/gzip"
	"sync"
)

// gzipWriters pools compressors, which take a megabyte each. They favour speed: the lines of a scrape
// are so similar that more effort takes twice the time for a tenth of the size.
var gzipWriters = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // a valid level
	return w
}}

// appendGzip appends p, compressed.
func appendGzip(b, p []byte) []byte {
	w := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(w)
	out := buffer(b)
	w.Reset(&out)
	_, _ = w.Write(p) // a buffer never fails
	_ = w.Close()
	return out
}
