package rules

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/otelsli/otelsli-go/slo/internal/problems"
)

// PrometheusRule is the resource that the Prometheus operator reads.
type PrometheusRule struct {
	// Name of the resource. Default and "": "otelsli-" and the name of the service.
	Name string
	// Namespace of the resource. Default and "": none, which is that of whoever applies it.
	Namespace string
	// Labels of the resource, which the ruleSelector of a Prometheus looks for. Without a
	// selector it takes no rule at all, so there is usually one. Default and nil: none.
	Labels map[string]string
}

type resourceYAML struct {
	APIVersion string       `yaml:"apiVersion"`
	Kind       string       `yaml:"kind"`
	Metadata   metadataYAML `yaml:"metadata"`
}

type metadataYAML struct {
	Name      string            `yaml:"name"`
	Namespace string            `yaml:"namespace,omitempty"`
	Labels    map[string]string `yaml:"labels,omitempty"`
}

// resourceName is what Kubernetes takes as the name of a resource: a DNS subdomain, of at most
// maxResourceName characters.
var resourceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

const maxResourceName = 253

func (f PrometheusRule) document(s *Set) (document, error) {
	name := cmp.Or(f.Name, resourceNameOf(s.name))
	if !resourceName.MatchString(name) || len(name) > maxResourceName {
		p := problems.In("rules")
		p.Add("PrometheusRule.Name", name, "a name of Kubernetes: lower case letters, digits and \"-\", in parts joined by \".\", at most %d characters", maxResourceName)
		return document{}, p.Err()
	}
	d := fileOf(s)
	d.head = resourceYAML{
		APIVersion: "monitoring.coreos.com/v1",
		Kind:       "PrometheusRule",
		Metadata:   metadataYAML{Name: name, Namespace: f.Namespace, Labels: f.Labels},
	}
	d.path, d.indent = "spec:\n  groups:\n", "    "
	return d, nil
}

var (
	notInResourceNames = regexp.MustCompile(`[^a-z0-9.]+`)
	aroundDots         = regexp.MustCompile(`-*\.[-.]*`)
)

func resourceNameOf(service string) string {
	if !strings.HasPrefix(service, "otelsli-") {
		service = "otelsli-" + service
	}
	name := notInResourceNames.ReplaceAllString(strings.ToLower(service), "-")
	return strings.Trim(aroundDots.ReplaceAllString(name, "."), "-.")
}
