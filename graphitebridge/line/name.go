package line

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// A Name is the part that all lines of one series have in common. The zero value means none.
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

// variable is the maximum length of time, value, the space between them and the line feed.
const variable = len("4294967295") + len(" ") + len("-2.2250738585072014e-308") + len("\n")

// A Tag is a key with a value.
type Tag struct{ Key, Value string }

// PutName makes the name of put lines whose tags come in a fixed order: first the fixed ones, then the
// others by key. Characters outside OpenTSDB's set become "_", an empty value "unspecified" and an empty
// key "_". Of fixed tags with the same key, the first one counts; others with the key of a fixed one, or
// with the key __name__, get the prefix "exported_". ok is false if a limit of OpenTSDB or maxTags is
// exceeded; reason says which. Zero maxTags means [DefaultMaxTags], negative means no limit.
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

// A renderer makes names in one format.
type renderer struct {
	format  Format
	maxLine int // 0: the format's
	maxTags int // 0: no limit
	empty   string
	omit    bool // empty values
}

// tags makes keys and values safe. Own tags keep their keys; conflicting others are renamed.
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

// unused returns the key, or the key with the first number that distinguishes it from all taken ones.
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

// bounded rejects a name whose lines could be too long.
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
