package line

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/otelsli/otelsli-go/otelsli"
)

const (
	// DefaultEmptyValue stands for the empty value of an attribute.
	DefaultEmptyValue = "unspecified"

	// DefaultMaxSeries is the most lines that a [Mapper] keeps names for.
	DefaultMaxSeries = 100_000

	// AttributeInstance is the key of [Config].Instance.
	AttributeInstance = "instance"
)

// Config says how data becomes lines. Its zero value is plain Graphite.
type Config struct {
	// Format is the syntax. Zero is [Graphite].
	Format Format

	// Template makes the metric name: {prefix}, {name} and {suffix} (such as ".count"), {scope},
	// {instance}, attributes of the resource by their key, such as {service.name}, and in the
	// format Graphite {attributes}, which otherwise follows at the end. "" is [DefaultTemplate].
	// {name} and {suffix} must be there. A value that is missing makes no node.
	Template string

	// Prefix is the value of {prefix}; it may have several nodes. "" is none.
	Prefix string

	// Instance tells this process from others: without it their lines overwrite each other. It
	// is an attribute of every line, unless the template has it. "" is the resource's
	// service.instance.id.
	Instance string

	// FallbackInstance is the instance where there is neither that nor Instance. "" is none.
	FallbackInstance string

	// ResourceAttributes are the keys of those attributes of the resource that every line has.
	// Nil is service.name; empty is none.
	ResourceAttributes []string

	// EmptyValue stands for an empty value. "" is [DefaultEmptyValue].
	EmptyValue string

	// OmitEmpty leaves attributes without a value out instead.
	OmitEmpty bool

	// Scale is the scale of the buckets of exponential histograms: their bounds are powers of
	// 2^(2^-Scale). From -10 to 8; zero is powers of two. Data that is coarser stays so.
	Scale int32

	// MinMax adds the lines .min and .max to histograms that know them.
	MinMax bool

	// MaxLine is the longest line, in bytes with its line feed. Zero is the receiver's: 8192 for
	// Graphite, 1024 for OpenTSDB.
	MaxLine int

	// MaxTags is the most tags of a line. Zero is the receiver's: none for Graphite,
	// [DefaultMaxTags] for OpenTSDB. Less is no limit.
	MaxTags int

	// MaxSeries is the most lines that names are kept for. What comes on top is dropped. Zero is
	// [DefaultMaxSeries].
	MaxSeries int
}

// minLine leaves room for a name of some length.
const minLine = 256

// withDefaults resolves the zero values that stand for a default.
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

// Validate returns what is wrong, each as an [otelsli.FieldError], joined.
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

// reservedResourceAttributes returns the keys that would be those of other attributes of a line.
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
