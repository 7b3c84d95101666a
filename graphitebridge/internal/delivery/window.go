package delivery

// A window holds what was sent but not yet acknowledged, oldest first.
type window struct {
	data  []byte
	lines int
}

// fits reports whether n more bytes are within the limit. A batch larger than the limit fits into
// an empty window only.
func (w *window) fits(n, limit int) bool { return len(w.data) == 0 || len(w.data)+n <= limit }

func (w *window) add(p *parcel) {
	w.data = append(w.data, p.data...)
	w.lines += p.lines
}

func (w *window) clear() { w.data, w.lines = w.data[:0], 0 }

func (w *window) traffic() Traffic { return Traffic{Lines: int64(w.lines), Bytes: int64(len(w.data))} }

// parcel returns the contents as a parcel that has been sent before.
func (w *window) parcel() *parcel {
	return &parcel{data: w.data, lines: w.lines, high: len(w.data)}
}
