package setup

import (
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
)

// detectTimeout limits all detectors of [WithResourceDetectors] together: a metadata service that
// does not answer must not keep a service from starting.
const detectTimeout = 5 * time.Second

// Names of the detectors in OTEL_RESOURCE_DETECTORS. The specification does not define this
// variable, but the SDKs of several languages do, with these names.
const (
	detectContainer  = "container"
	detectEnv        = "env" // OTEL_RESOURCE_ATTRIBUTES, which is always read
	detectHost       = "host"
	detectKubernetes = "kubernetes"
	detectOS         = "os"
	detectProcess    = "process"
	detectAll        = "all"
	detectNone       = "none"
)

// A detection is a requested detector.
type detection struct {
	name   string
	custom resource.Detector // nil: one of ours, by its name
}

// WithHost adds host.name, host.arch and os.type to the resource. Default: off, unless
// OTEL_RESOURCE_DETECTORS asks for them.
//
// It does not add host.id: container images contain a machine-id, which is then the same in all
// containers.
func WithHost() Option { return withDetectors(detectHost, detectOS) }

// WithProcess adds process.pid, process.executable.name and process.runtime.name, .version and
// .description to the resource. Command arguments, path and owner are left out on purpose: they can
// contain secrets and personal names. Default: off, unless OTEL_RESOURCE_DETECTORS asks for them.
func WithProcess() Option { return withDetectors(detectProcess) }

// WithContainer adds container.id to the resource, from the control group of the process or, with
// cgroup v2 and Docker or Podman, from its mounts. On Kubernetes the mounts hold the ID of the
// pod's sandbox instead and are ignored: with containerd and cgroup v2, the ID is not available
// from inside. Default: off, unless OTEL_RESOURCE_DETECTORS asks for it.
func WithContainer() Option { return withDetectors(detectContainer) }

// WithKubernetes adds what a pod can know about itself to the resource, from the usual variables of
// the downward API:
//
//	k8s.pod.name         K8S_POD_NAME, POD_NAME, else HOSTNAME inside a pod
//	k8s.pod.uid          K8S_POD_UID, POD_UID, else the mounts
//	k8s.namespace.name   K8S_NAMESPACE_NAME, K8S_NAMESPACE, POD_NAMESPACE, else the service account
//	k8s.node.name        K8S_NODE_NAME, NODE_NAME
//	k8s.container.name   K8S_CONTAINER_NAME, CONTAINER_NAME
//	k8s.deployment.name  K8S_DEPLOYMENT_NAME
//	k8s.cluster.name     K8S_CLUSTER_NAME
//
// Only the first three have a source other than variables. Outside a pod, it adds what the
// variables hold. Default: off, unless OTEL_RESOURCE_DETECTORS asks for them.
func WithKubernetes() Option { return withDetectors(detectKubernetes) }

// WithResourceDetectors adds what the detectors find to the resource, such as the cloud detectors
// in go.opentelemetry.io/contrib/detectors. They run in parallel, for at most 5 seconds. One that
// fails, panics or hangs is logged and does not keep the service from starting; what it found along
// with [resource.ErrPartialResource] is used. If the detectors disagree on the schema URL, the
// resource has none.
//
// A detector overrides the ones requested before it; OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME
// override all detectors, and [WithService] and [WithResourceAttributes] override everything.
// Default: none; nil detectors are ignored.
func WithResourceDetectors(detectors ...resource.Detector) Option {
	return optionFunc(func(cfg *config) {
		for _, d := range detectors {
			if d != nil {
				cfg.detections = append(cfg.detections, detection{name: nameOf(d), custom: d})
			}
		}
	})
}

func withDetectors(names ...string) Option {
	return optionFunc(func(cfg *config) { cfg.detections = append(cfg.detections, detections(names)...) })
}

func detections(names []string) []detection {
	list := make([]detection, len(names))
	for i, name := range names {
		list[i].name = name
	}
	return list
}

const detectorsVariable = "OTEL_RESOURCE_DETECTORS"

// resolveDetections reads the variable, unless an option asks for a detector.
func (l *lifecycle) resolveDetections(env *environment) {
	if len(l.detections) == 0 {
		l.detections = environmentDetections(env)
		return
	}
	var names []string
	for _, d := range l.detections {
		names = append(names, d.name)
	}
	env.decided("options", strings.Join(names, ","), detectorsVariable)
}

func environmentDetections(env *environment) []detection {
	every := []string{detectHost, detectOS, detectProcess, detectContainer, detectKubernetes}
	names := env.list(detectorsVariable, append(slices.Clone(every), detectEnv, detectAll, detectNone))
	alone := func(name string) bool { return slices.Contains(names, name) && len(names) > 1 }
	switch {
	case alone(detectNone), alone(detectAll):
		text, _ := env.text(detectorsVariable)
		env.wrong(detectorsVariable, text, "a list of detectors, or %q or %q alone", detectAll, detectNone)
		return nil
	case slices.Contains(names, detectAll):
		names = every
	}
	return detections(slices.DeleteFunc(names, func(name string) bool {
		return name == detectEnv || name == detectNone
	}))
}
