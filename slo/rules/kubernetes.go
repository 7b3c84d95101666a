package rules

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/otelsli/otelsli-go/slo/internal/problems"
)

// PrometheusRule writes a set as the PrometheusRule resource of the Prometheus operator.
type PrometheusRule struct {
	// Name of the resource. Default and "": "otelsli-" and the name of the service.
	Name string
	// Namespace of the resource. Default and "": none, so it is decided when the resource is applied.
	Namespace string
	// Labels of the resource, for the ruleSelector of a Prometheus to match. A Prometheus without
	// a ruleSelector loads no rules at all, so there usually is one. Default and nil: none.
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

// resourceName matches what Kubernetes accepts as a resource name: a DNS subdomain, of at most
// maxResourceName characters.
var resourceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

const maxResourceName = 253

func (f PrometheusRule) document(s *Set) (document, error) {
	name := cmp.Or(f.Name, resourceNameOf(s.name))
	if !resourceName.MatchString(name) || len(name) > maxResourceName {
		p := problems.In("rules")
		p.Add("PrometheusRule.Name", name, "a Kubernetes name: lower case letters, digits and \"-\", in parts joined by \".\", at most %d characters", maxResourceName)
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
