package work

import "fmt"

// The names of those that are compared. [Ours] is in every case.
const (
	Ours            = "otelsli"
	Limit           = "bare atomic add"
	LabelsLimit     = "map and atomic add"
	ClientGolang    = "client_golang"
	VictoriaMetrics = "VictoriaMetrics"
	Hashicorp       = "hashicorp/go-metrics"
	OTel            = "OTel counters"
	OTel3           = "OTel counters, 3 readers"
	OTelObservable  = "OTel observable counters"
	OTelExporter    = "OTel exporter"
	OTelHTTP        = "otelhttp"
	GoHTTPMetrics   = "slok/go-http-metrics"
)

// A Case is one piece of work, done by several.
type Case struct {
	// Name is a path such as "event/bound"; its last part may be the size.
	Name string

	// Title says what one operation is.
	Title string

	// Series is the number of series or combinations that an operation handles, 0 where that says
	// nothing.
	Series int

	// Goroutines is the number of those that work at the same time, 0 where it is one.
	Goroutines int

	// Memory says that not the time of an operation counts but the memory that the subject holds once
	// it is made, for each of Series.
	Memory bool

	Rivals []Rival
}

// A Rival is a library in a case.
type Rival struct {
	Name string
	New  func() Subject
}

// A Subject is a rival that is ready to work.
type Subject struct {
	// Run does n operations. It is nil in a case of memory.
	Run func(n int)

	// Result describes what has come of all operations so far, the same for all rivals. It is nil
	// where there is nothing to describe.
	Result func() string

	// Close frees what the garbage collector does not. It is never nil in what [Rival].New returned
	// to callers through [Rival.Make].
	Close func()

	// Keep is what a case of memory measures.
	Keep any
}

// Make makes the subject.
func (r Rival) Make() Subject {
	s := r.New()
	if s.Close == nil {
		s.Close = func() {}
	}
	return s
}

// Rival returns the rival of that name.
func (c Case) Rival(name string) (Rival, bool) {
	for _, r := range c.Rivals {
		if r.Name == name {
			return r, true
		}
	}
	return Rival{}, false
}

// Sizes are the numbers of series that collections and scrapes are measured with.
var Sizes = []int{100, 1_000, 10_000, 100_000}

// All returns the cases, those of collections in the sizes given.
func All(sizes []int) []Case {
	var all []Case
	all = append(all, events()...)
	all = append(all, requests())
	for _, n := range sizes {
		all = append(all, scrapes(n)...)
	}
	for _, of := range []func(int) Case{collections, otlp, graphiteLines, memory, startup} {
		for _, n := range sizes {
			all = append(all, of(n))
		}
	}
	return all
}

// sized makes the name of a case from its size.
func sized(name string, n int) string { return fmt.Sprintf("%s/%d", name, n) }

// must returns v. Subjects are made of constants: an error is a fault of this package.
func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("work: %v", err))
	}
	return v
}

// mustDo is must where there is only an error.
func mustDo(err error) { must(struct{}{}, err) }
