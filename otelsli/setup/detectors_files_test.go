package setup

import (
	"errors"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
)

const (
	testContainer = "0f3deade416514b65143bdb917f86c290bf21b176d70d8ad8c4992469fdb28e6"
	testSandbox   = "b04d2ab09dcfd41caa2ee8dc1f1ab5a3c8e8c0f0a3a1fe9b2a94a2a2b4f27f51"
	testPod       = "6bf4d9ae-9f2d-4b0c-a5d5-0f5f3a2b1c4d"
)

// mounted is a file in the mountinfo of a process.
func mounted(source, on string) string {
	return "678 655 254:1 " + source + " " + on + " rw,relatime - ext4 /dev/vda1 rw\n"
}

const overlay = "655 450 0:183 / / rw,relatime master:88 - " + "overlay " + "overlay rw,lowerdir=/var/lib/docker/overlay2/l/AB," +
	"upperdir=/var/lib/docker/overlay2/6b1f50d489100ae1318b0836f13655273e471a92367a3f0d95d61d9e828d45f2/diff\n"

// newMachine has files by their paths and variables.
func newMachine(files, variables map[string]string) machine {
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	env := &environment{lookup: func(name string) (string, bool) { v, ok := variables[name]; return v, ok }}
	return machine{env: env, root: root}
}

func asMap(attributes []attribute.KeyValue) map[string]string {
	m := make(map[string]string)
	for _, kv := range attributes {
		m[string(kv.Key)] = kv.Value.String()
	}
	return m
}

func TestContainer(t *testing.T) {
	t.Parallel()
	docker := overlay + mounted("/var/lib/docker/containers/"+testContainer+"/hostname", "/etc/hostname")
	pod := mounted("/var/lib/kubelet/pods/"+testPod+"/etc-hosts", "/etc/hosts")
	for name, test := range map[string]struct{ cgroup, mounts, want string }{
		"version 1, docker":          {cgroup: "13:name=systemd:/docker/" + testContainer + "\n", want: testContainer},
		"version 1, kubernetes":      {cgroup: "11:pids:/kubepods/burstable/pod" + testPod + "/" + testContainer, want: testContainer},
		"version 1, nested":          {cgroup: "4:cpu:/docker/" + testSandbox + "/docker/" + testContainer, want: testContainer},
		"systemd, docker":            {cgroup: "0::/system.slice/docker-" + testContainer + ".scope", want: testContainer},
		"systemd, containerd":        {cgroup: "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + testContainer + ".scope", want: testContainer},
		"containerd with colons":     {cgroup: "1:cpu:/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:" + testContainer, want: testContainer},
		"version 2, docker":          {cgroup: "0::/\n", mounts: docker, want: testContainer},
		"version 2, podman":          {cgroup: "0::/", mounts: mounted("/containers/overlay-containers/"+testContainer+"/userdata/.containerenv", "/run/.containerenv"), want: testContainer},
		"version 2, pod with docker": {cgroup: "0::/", mounts: docker + pod}, // it is the ID of the sandbox
		"version 2, pod":             {cgroup: "0::/", mounts: pod + mounted("/run/containerd/io.containerd.grpc.v1.cri/sandboxes/"+testSandbox+"/hostname", "/etc/hostname")},
		"layer of an overlay":        {cgroup: "0::/", mounts: overlay},
		"systemd without containers": {cgroup: "0::/user.slice/user-0.slice/session-1.scope"},
		"digits that are no ID":      {cgroup: "0::/a\n1:cpu:/deadbeef"},
		"other systems":              {},
		"nonsense":                   {cgroup: ":::\n\n::", mounts: "a b c\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := make(map[string]string)
			if test.cgroup != "" {
				files[cgroupFile] = test.cgroup
			}
			if test.mounts != "" {
				files[mountsFile] = test.mounts
			}
			attributes, err := newMachine(files, nil).container()
			if got := asMap(attributes)["container.id"]; got != test.want || err != nil {
				t.Errorf("container.id %q (%v), want %q", got, err, test.want)
			}
		})
	}
}

func TestKubernetes(t *testing.T) {
	t.Parallel()
	inPod := map[string]string{
		mountsFile:    mounted("/var/lib/kubelet/pods/"+testPod+"/etc-hosts", "/etc/hosts"),
		namespaceFile: "shop\n",
	}
	long := strings.Repeat("x", 63)
	for name, test := range map[string]struct {
		files, variables, want map[string]string
	}{
		"without any variable": {
			inPod,
			map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "shop-7d9f-x2z"},
			map[string]string{"k8s.pod.name": "shop-7d9f-x2z", "k8s.pod.uid": testPod, "k8s.namespace.name": "shop"},
		},
		"variables beat what is found": {
			inPod,
			map[string]string{
				"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "set-by-spec-hostname",
				"K8S_POD_NAME": "pod", "K8S_POD_UID": "uid", "K8S_NAMESPACE_NAME": "ns", "K8S_NODE_NAME": "node",
				"K8S_CONTAINER_NAME": "app", "K8S_DEPLOYMENT_NAME": "shop", "K8S_CLUSTER_NAME": "eu",
			},
			map[string]string{
				"k8s.pod.name": "pod", "k8s.pod.uid": "uid", "k8s.namespace.name": "ns", "k8s.node.name": "node",
				"k8s.container.name": "app", "k8s.deployment.name": "shop", "k8s.cluster.name": "eu",
			},
		},
		"other usual names": {
			nil,
			map[string]string{"POD_NAME": "pod", "POD_UID": "uid", "POD_NAMESPACE": "ns", "NODE_NAME": "node", "CONTAINER_NAME": "app"},
			map[string]string{
				"k8s.pod.name": "pod", "k8s.pod.uid": "uid", "k8s.namespace.name": "ns", "k8s.node.name": "node",
				"k8s.container.name": "app",
			},
		},
		"the standard names win": {
			nil,
			map[string]string{"POD_NAME": "other", "K8S_POD_NAME": "pod", "K8S_NAMESPACE": "ns", "POD_NAMESPACE": "other"},
			map[string]string{"k8s.pod.name": "pod", "k8s.namespace.name": "ns"},
		},
		"the network of the node": {
			nil,
			map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "node-1", "NODE_NAME": "node-1"},
			map[string]string{"k8s.node.name": "node-1"},
		},
		"a host name that may be cut": {
			nil, map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": long}, map[string]string{},
		},
		"outside of a pod": {nil, map[string]string{"HOSTNAME": "laptop"}, map[string]string{}},
		"empty variables":  {nil, map[string]string{"K8S_POD_NAME": " ", "POD_NAME": "pod"}, map[string]string{"k8s.pod.name": "pod"}},
		"a static pod": {
			map[string]string{mountsFile: mounted("/pods/0123456789abcdef0123456789abcdef/etc-hosts", "/etc/hosts")},
			nil,
			map[string]string{"k8s.pod.uid": "0123456789abcdef0123456789abcdef"},
		},
		"a mount that only looks alike": {
			map[string]string{mountsFile: mounted("/pods/"+testPod+"/etc-hosts", "/mnt/hosts")}, nil, map[string]string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := newMachine(test.files, test.variables).kubernetes()
			if diff := cmp.Diff(test.want, asMap(got)); diff != "" || err != nil {
				t.Errorf("error %v, attributes (-want +got):\n%s", err, diff)
			}
		})
	}
}

// unreadable is a file system whose files may not be read.
type unreadable struct{}

func (unreadable) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func TestFilesThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	m := newMachine(nil, map[string]string{"K8S_POD_NAME": "pod"})
	m.root = unreadable{}
	if _, err := m.container(); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "/proc/self/cgroup") {
		t.Errorf("container: %v, want the file and the reason", err)
	}
	got, err := m.kubernetes()
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("kubernetes: %v, want the reason", err)
	}
	if asMap(got)["k8s.pod.name"] != "pod" {
		t.Errorf("kubernetes: %v, want what the variables say all the same", got)
	}
}

func TestNamesOfTheSemanticConventions(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		hostArch("amd64"): "amd64", hostArch("386"): "x86", hostArch("arm"): "arm32", hostArch("arm64"): "arm64", hostArch("ppc64le"): "ppc64",
		osType("linux"): "linux", osType("dragonfly"): "dragonflybsd", osType("windows"): "windows", osType("ios"): "darwin", osType("zos"): "z_os",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	process, err := machine{}.process()
	if err != nil {
		t.Fatal(err)
	}
	if got := asMap(process)["process.runtime.name"]; runtime.Compiler == "gc" && got != "go" {
		t.Errorf("process.runtime.name %q, want go", got)
	}
}

// Whatever a kernel writes there: no panic, and no ID that is none.
func FuzzProcFiles(f *testing.F) {
	f.Add("0::/docker/"+testContainer, overlay+mounted("/var/lib/kubelet/pods/"+testPod+"/etc-hosts", "/etc/hosts"))
	f.Add(":", " ")
	f.Fuzz(func(t *testing.T, cgroup, mounts string) {
		for _, id := range []string{containerOfCgroup([]byte(cgroup)), containerOfMounts([]byte(mounts))} {
			if id != "" && (len(id) != 64 || strings.Trim(id, "0123456789abcdef") != "") {
				t.Errorf("container %q", id)
			}
		}
		if pod := podOfMounts([]byte(mounts)); pod != "" && len(pod) != 36 && len(pod) != 32 {
			t.Errorf("pod %q", pod)
		}
	})
}
