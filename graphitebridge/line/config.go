package line

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/otelsli/otelsli-go/otelsli"
)

const (
	// DefaultEmptyValue replaces an empty attribute value.
	DefaultEmptyValue = "unspecified"

	// DefaultMaxSeries is the maximum number of lines that a [Mapper] keeps names for.
	DefaultMaxSeries = 100_000

	// AttributeInstance is the key of [Config].Instance.
	AttributeInstance = "instance"
)

// Config configures how data becomes lines. Its zero value is plain Graphite.
type Config struct {
	// Format is the syntax. Zero means [Graphite].
	Format Format

	// Template makes the metric name from {prefix}, {name}, {suffix} (such as ".count"), {scope},
	// {instance}, resource attributes by key, such as {service.name}, and, in the format Graphite,
	// {attributes}, which otherwise follow at the end. "" means [DefaultTemplate]. {name} and {suffix}
	// are required. A missing value makes no node.
	Template string

	// Prefix is the value of {prefix}; it may have several nodes. "" means none.
	Prefix string

	// Instance identifies this process: without it, the lines of several processes overwrite each
	// other. It is an attribute of every line, unless the template contains it. "" means the
	// resource's service.instance.id.
	Instance string

	// FallbackInstance is used if there is neither Instance nor service.instance.id. "" means none.
	FallbackInstance string

	// ResourceAttributes are the keys of the resource attributes that every line carries. Nil means
	// service.name; empty means none.
	ResourceAttributes []string

	// EmptyValue replaces an empty attribute value. "" means [DefaultEmptyValue].
	EmptyValue string

	// OmitEmpty omits attributes with an empty value instead.
	OmitEmpty bool

	// Scale is the scale of exponential histogram buckets: their bounds are powers of 2^(2^-Scale). It
	// ranges from -10 to 8; zero means powers of two. Coarser data stays coarser.
	Scale int32

	// MinMax adds the lines .min and .max to histograms that have them.
	MinMax bool

	// MaxLine is the maximum length of a line in bytes, including the line feed. Zero means the
	// receiver's limit: 8192 for Graphite, 1024 for OpenTSDB.
	MaxLine int

	// MaxTags is the maximum number of tags of a line. Zero means the receiver's limit: none for
	// Graphite, [DefaultMaxTags] for OpenTSDB. Negative means no limit.
	MaxTags int

	// MaxSeries is the maximum number of lines that names are kept for. Further ones are dropped. Zero
	// means [DefaultMaxSeries].
	MaxSeries int
}

// minLine leaves room for a name of some length.
const minLine = 256

// withDefaults replaces zero values by their defaults.
func (c Config) withDefaults() Config {
	d := dialects[c.Format]
	c.Template = cmp.Or(c.Template, DefaultTemplate)
	c.EmptyValue = cmp.Or(c.EmptyValue, DefaultEmptyValue)
	c.MaxLine = cmp.Or(c.MaxLine, d.maxLine)
	c.MaxTags = max(cmp.Or(c.MaxTags, d.maxTags), 0)
	c.MaxSeries = cmp.Or(c.MaxSeries, DefaultMaxSeries)
	if c.ResourceAttributes == nil {
		c.ResourceAttributes = []string{"service.name"}
	}
	c.ResourceAttributes = slices.Clone(c.ResourceAttributes)
	return c
}

// Validate returns all problems joined, each an [otelsli.FieldError].
func (c Config) Validate() error {
	if c.Format >= formats {
		return problem("Format", c.Format, "Graphite, GraphiteTagged or OpenTSDB")
	}
	c = c.withDefaults()
	_, err := parseTemplate(c.Template, c.Format)
	errs := []error{err}
	check := func(ok bool, field string, value any, want string) {
		if !ok {
			errs = append(errs, problem(field, value, want))
		}
	}
	set := partsOf[c.Format]
	check(set.cleanName(c.Prefix) == c.Prefix, "Prefix", c.Prefix,
		fmt.Sprintf("nodes joined by single dots, in characters that the format %v takes", c.Format))
	check(set.cleanValue(c.EmptyValue) == c.EmptyValue, "EmptyValue", c.EmptyValue,
		fmt.Sprintf("characters that the format %v takes", c.Format))
	check(-10 <= c.Scale && c.Scale <= 8, "Scale", c.Scale, "-10 to 8, or 0 for powers of two")
	check(c.MaxLine >= minLine, "MaxLine", c.MaxLine, fmt.Sprintf("at least %d bytes, or 0 for the receiver's limit", minLine))
	check(c.MaxSeries > 0, "MaxSeries", c.MaxSeries, fmt.Sprintf("a positive number of lines, or 0 for %d", DefaultMaxSeries))
	for _, key := range c.reservedResourceAttributes() {
		errs = append(errs, problem("ResourceAttributes", key, "keys that name an attribute of the resource once, such as service.name"))
	}
	return errors.Join(errs...)
}

// reservedResourceAttributes returns the keys that would collide with other attributes of a line.
func (c Config) reservedResourceAttributes() []string {
	taken := append([]string{"", AttributeInstance, keyBound, keyQuantile}, dialects[c.Format].reserved...)
	return slices.DeleteFunc(slices.Clone(c.ResourceAttributes), func(key string) bool {
		safe := partsOf[c.Format].key.clean(key)
		if slices.Contains(taken, safe) {
			return false
		}
		taken = append(taken, safe)
		return true
	})
}

func problem(field string, value any, want string) error {
	text := fmt.Sprint(value)
	if s, ok := value.(string); ok {
		text = fmt.Sprintf("%.120q", s)
	}
	return &otelsli.FieldError{Field: "line: Config." + field, Value: text, Want: want}
}
