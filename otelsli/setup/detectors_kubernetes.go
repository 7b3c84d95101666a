package setup

import (
	"cmp"
	"regexp"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// namespaceFile exists in every pod that mounts its service account.
const namespaceFile = "var/run/secrets/kubernetes.io/serviceaccount/namespace"

// podMount matches the source of the /etc/hosts that the kubelet mounts into a pod's containers.
var podMount = regexp.MustCompile(`/pods/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})/etc-hosts$`)

func (m machine) kubernetes() ([]attribute.KeyValue, error) {
	node, _ := m.env.text("K8S_NODE_NAME", "NODE_NAME")
	pod, _ := m.env.text("K8S_POD_NAME", "POD_NAME")
	uid, _ := m.env.text("K8S_POD_UID", "POD_UID")
	namespace, _ := m.env.text("K8S_NAMESPACE_NAME", "K8S_NAMESPACE", "POD_NAMESPACE")
	container, _ := m.env.text("K8S_CONTAINER_NAME", "CONTAINER_NAME")
	deployment, _ := m.env.text("K8S_DEPLOYMENT_NAME")
	cluster, _ := m.env.text("K8S_CLUSTER_NAME")

	namespaceText, err := m.read(namespaceFile)
	namespace = cmp.Or(namespace, strings.TrimSpace(string(namespaceText)))
	mounts, mountsErr := m.read(mountsFile)
	uid = cmp.Or(uid, podOfMounts(mounts))
	pod = cmp.Or(pod, m.hostnameOfPod(node))

	var attributes []attribute.KeyValue
	add := func(key attribute.Key, value string) {
		if value != "" {
			attributes = append(attributes, key.String(value))
		}
	}
	add(semconv.K8SPodNameKey, pod)
	add(semconv.K8SPodUIDKey, uid)
	add(semconv.K8SNamespaceNameKey, namespace)
	add(semconv.K8SNodeNameKey, node)
	add(semconv.K8SContainerNameKey, container)
	add(semconv.K8SDeploymentNameKey, deployment)
	add(semconv.K8SClusterNameKey, cluster)
	return attributes, cmp.Or(err, mountsErr)
}

// hostnameOfPod returns the host name if it is the name of the pod: inside a pod, unless that uses
// the network, and so the name, of its node. A name of 63 bytes may have been truncated.
func (m machine) hostnameOfPod(node string) string {
	if _, in := m.env.text("KUBERNETES_SERVICE_HOST"); in == "" {
		return ""
	}
	name, _ := m.env.text("HOSTNAME")
	if name == node || len(name) >= 63 {
		return ""
	}
	return name
}

// podOfMounts returns the UID of the pod, or "" outside a pod.
func podOfMounts(text []byte) string {
	for source, on := range mountSources(text) {
		if match := podMount.FindStringSubmatch(source); on == "/etc/hosts" && match != nil {
			return match[1]
		}
	}
	return ""
}
