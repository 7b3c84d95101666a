package sliprom

import (
	"compress/gzip"
	"sync"
)

// gzipWriters keeps compressors, of which each has a megabyte. They are set to be quick: the lines of
// a scrape have so much in common that more effort takes twice the time for a tenth of the size.
var gzipWriters = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // which is a level that there is
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
