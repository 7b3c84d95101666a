package line

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// Suffixes of metric names, and the keys that tell the lines of a metric apart.
const (
	suffixCount    = ".count"
	suffixSum      = ".sum"
	suffixMin      = ".min"
	suffixMax      = ".max"
	suffixBucket   = ".bucket"
	suffixQuantile = ".quantile"

	keyBound    = "le"
	keyQuantile = "quantile"
)

// A namer makes the names of series.
type namer struct {
	renderer renderer
	template template
	config   Config
	resource attribute.Set
	instance string
	own      []Tag // from the instance and the resource
}

func newNamer(c Config) namer {
	t, _ := parseTemplate(c.Template, c.Format) // already validated
	return namer{
		renderer: renderer{format: c.Format, maxLine: c.MaxLine, maxTags: c.MaxTags, empty: c.EmptyValue, omit: c.OmitEmpty},
		template: t,
		config:   c,
	}
}

// setResource reads the attributes that every line has.
func (n *namer) setResource(r *resource.Resource) {
	n.resource = *r.Set()
	n.own = nil
	id, _ := n.resource.Value("service.instance.id")
	n.instance = cmp.Or(n.config.Instance, id.String(), n.config.FallbackInstance)
	if n.instance != "" && !n.template.has(placeholderInstance) {
		n.own = append(n.own, Tag{AttributeInstance, n.instance})
	}
	for _, key := range n.config.ResourceAttributes {
		if v, ok := n.resource.Value(attribute.Key(key)); ok {
			n.own = append(n.own, Tag{key, v.String()})
		}
	}
}

// names makes the names of all lines of an origin.
func (n *namer) names(o *Origin, bounds []float64) ([]Name, Reason) {
	var (
		names  []Name
		reason = accepted
	)
	add := func(suffix, key, value string) {
		name, r := n.name(o, suffix, key, value)
		names = append(names, name)
		if reason == accepted {
			reason = r
		}
	}
	switch o.metric.key.kind {
	case Histogram:
		add(suffixCount, "", "")
		add(suffixSum, "", "")
		if n.config.MinMax {
			add(suffixMin, "", "")
			add(suffixMax, "", "")
		}
		for _, b := range bounds {
			add(suffixBucket, keyBound, boundText(b, o.precision()))
		}
		add(suffixBucket, keyBound, dialects[n.config.Format].inf)
	case Summary:
		add(suffixCount, "", "")
		add(suffixSum, "", "")
		for _, q := range bounds {
			add(suffixQuantile, keyQuantile, boundText(q, -1))
		}
	default:
		add("", "", "")
	}
	return names, reason
}

// boundText formats a bound; precision is that of [strconv.FormatFloat].
func boundText(b float64, precision int) string {
	if b == 0 {
		return "0"
	}
	return strings.Replace(strconv.FormatFloat(b, 'g', precision, 64), "+", "", 1)
}

// name makes the name of one line.
func (n *namer) name(o *Origin, suffix, key, value string) (Name, Reason) {
	own := n.own
	if key != "" {
		own = append(slices.Clip(own), Tag{key, value})
	}
	var reserved []string
	switch o.metric.key.kind {
	case Histogram:
		reserved = []string{keyBound}
	case Summary:
		reserved = []string{keyQuantile}
	}
	tags := n.renderer.tags(own, tagsOf(&o.attributes), reserved)
	if len(tags) == 0 && n.config.Format == OpenTSDB { // OpenTSDB rejects lines without a tag
		tags = n.renderer.tags([]Tag{{AttributeInstance, cmp.Or(n.instance, n.config.EmptyValue)}}, nil, nil)
	}
	slices.SortFunc(tags, byKey)
	metric := n.metricName(o, suffix, tags)
	switch n.config.Format {
	case GraphiteTagged:
		return n.renderer.tagged(metric, tags)
	case OpenTSDB:
		return n.renderer.put(metric, tags)
	}
	return n.renderer.path(metric)
}

func tagsOf(set *attribute.Set) []Tag {
	tags := make([]Tag, 0, set.Len())
	for iter := set.Iter(); iter.Next(); {
		kv := iter.Attribute()
		tags = append(tags, Tag{string(kv.Key), kv.Value.String()})
	}
	return tags
}

// metricName expands the template. The name of a metric may have several nodes; a value from an
// attribute is one node.
func (n *namer) metricName(o *Origin, suffix string, tags []Tag) string {
	set := partsOf[n.config.Format]
	if set.cleanName(o.metric.key.name) == "" {
		return ""
	}
	return set.cleanName(n.template.expand(func(placeholder string) string {
		switch placeholder {
		case placeholderPrefix:
			return n.config.Prefix
		case placeholderName:
			return o.metric.key.name
		case placeholderSuffix:
			return suffix
		case placeholderScope:
			return set.node.clean(o.metric.key.scope)
		case placeholderInstance:
			return set.node.clean(n.instance)
		case placeholderAttributes:
			return pathOf(tags)
		}
		v, _ := n.resource.Value(attribute.Key(placeholder))
		return set.node.clean(v.String())
	}))
}

// pathOf joins keys and values, which already are single nodes.
func pathOf(tags []Tag) string {
	nodes := make([]string, 0, 2*len(tags))
	for _, t := range tags {
		nodes = append(nodes, t.Key, t.Value)
	}
	return strings.Join(nodes, ".")
}
