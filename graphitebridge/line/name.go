package line

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// A Name is what the lines of one series have in common. The zero value is none.
type Name struct {
	head, tail string
	put        bool
}

// AppendLine appends one line. The value must be present.
func (n Name) AppendLine(dst []byte, seconds int64, v Number) []byte {
	dst = append(dst, n.head...)
	if n.put {
		dst = strconv.AppendInt(dst, seconds, 10)
		dst = append(dst, ' ')
		dst = v.append(dst)
		dst = append(dst, n.tail...)
	} else {
		dst = v.append(dst)
		dst = append(dst, ' ')
		dst = strconv.AppendInt(dst, seconds, 10)
	}
	return append(dst, '\n')
}

// String returns the name without time and value.
func (n Name) String() string { return n.head + n.tail }

// variable is the most bytes that time, value, the space between them and the line feed take.
const variable = len("4294967295") + len(" ") + len("-2.2250738585072014e-308") + len("\n")

// A Tag is a key with a value.
type Tag struct{ Key, Value string }

// PutName makes the name of put lines whose tags come in a fixed order: first the fixed ones, then
// the others by key. What is not in OpenTSDB's character set becomes "_", and an empty value
// "unspecified", an empty key "_". Of fixed ones with the same key the first counts; others with the
// key of a fixed one, or with the key __name__, get the prefix "exported_". ok is false where a limit of OpenTSDB, or else maxTags, is exceeded: the reason says
// which. Zero maxTags means [DefaultMaxTags], less means no limit.
func PutName(metric string, fixed, others []Tag, maxTags int) (name Name, reason Reason, ok bool) {
	r := renderer{format: OpenTSDB, maxTags: maxTags, empty: DefaultEmptyValue}
	if maxTags == 0 {
		r.maxTags = DefaultMaxTags
	}
	tags := r.tags(fixed, others, nil)
	slices.SortStableFunc(tags[len(tags)-len(others):], byKey)
	name, reason = r.put(partsOf[OpenTSDB].cleanName(metric), tags)
	return name, reason, reason == accepted
}

func byKey(a, b Tag) int { return strings.Compare(a.Key, b.Key) }

// A renderer makes names of one format.
type renderer struct {
	format  Format
	maxLine int // 0: the format's
	maxTags int // 0: no limit
	empty   string
	omit    bool // empty values
}

// tags makes the keys and values safe. The own tags keep their keys, the others give way.
func (r *renderer) tags(own, others []Tag, reserved []string) []Tag {
	set := partsOf[r.format]
	tags := make([]Tag, 0, len(own)+len(others))
	ownKeys := append(slices.Clone(dialects[r.format].reserved), reserved...)
	taken := make(map[string]bool)
	add := func(key, value string) {
		if value = set.cleanValue(value); value == "" {
			if r.omit {
				return
			}
			value = r.empty
		}
		taken[key] = true
		tags = append(tags, Tag{key, value})
	}
	for _, t := range own {
		key := cmp.Or(set.key.clean(t.Key), "_")
		ownKeys = append(ownKeys, key)
		if !taken[key] {
			add(key, t.Value)
		}
	}
	for _, t := range others {
		key := cmp.Or(set.key.clean(t.Key), "_")
		if slices.Contains(ownKeys, key) {
			key = "exported_" + key
		}
		add(unused(key, taken), t.Value)
	}
	return tags
}

// unused returns the key, or the key with the first number that makes it differ from all taken.
func unused(key string, taken map[string]bool) string {
	numbered := key
	for i := 2; taken[numbered]; i++ {
		numbered = key + "_" + strconv.Itoa(i)
	}
	return numbered
}

// put makes the name of put lines.
func (r *renderer) put(metric string, tags []Tag) (Name, Reason) {
	if metric == "" {
		return Name{}, Unnamed
	}
	if r.maxTags > 0 && len(tags) > r.maxTags {
		return Name{}, TooManyTags
	}
	var tail strings.Builder
	for _, t := range tags {
		tail.WriteString(" " + t.Key + "=" + t.Value)
	}
	return r.bounded(Name{head: "put " + metric + " ", tail: tail.String(), put: true})
}

// tagged makes the name of tagged Graphite lines.
func (r *renderer) tagged(metric string, tags []Tag) (Name, Reason) {
	if metric == "" {
		return Name{}, Unnamed
	}
	if r.maxTags > 0 && len(tags) > r.maxTags {
		return Name{}, TooManyTags
	}
	var head strings.Builder
	head.WriteString(metric)
	for _, t := range tags {
		head.WriteString(";" + t.Key + "=" + t.Value)
	}
	head.WriteByte(' ')
	return r.bounded(Name{head: head.String()})
}

// path makes the name of plain Graphite lines.
func (r *renderer) path(path string) (Name, Reason) {
	if path == "" {
		return Name{}, Unnamed
	}
	for node := range strings.SplitSeq(path, ".") {
		if len(node) > dialects[Graphite].maxNode {
			return Name{}, TooLong
		}
	}
	return r.bounded(Name{head: path + " "})
}

// bounded refuses a name whose lines could be too long.
func (r *renderer) bounded(n Name) (Name, Reason) {
	limit := r.maxLine
	if limit == 0 {
		limit = dialects[r.format].maxLine
	}
	if len(n.head)+len(n.tail)+variable > limit {
		return Name{}, TooLong
	}
	return n, accepted
}
