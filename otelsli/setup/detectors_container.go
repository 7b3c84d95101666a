package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"regexp"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

const (
	cgroupFile = "proc/self/cgroup"
	mountsFile = "proc/self/mountinfo"
)

// containerPath matches the end of a container's cgroup path: 64 hex digits, with a prefix and a
// suffix under systemd, as in docker-….scope. Shorter numbers belong to systemd's own slices.
var containerPath = regexp.MustCompile(`(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?$`)

// containerMount matches the source of a file that the runtime mounts into each of its containers.
var containerMount = regexp.MustCompile(`/(?:overlay-)?containers/([0-9a-f]{64})/(?:userdata/)?(?:hostname|resolv\.conf|\.containerenv)$`)

func (m machine) container() ([]attribute.KeyValue, error) {
	cgroup, err := m.read(cgroupFile)
	if err != nil {
		return nil, err
	}
	id := containerOfCgroup(cgroup)
	if id == "" {
		mounts, err := m.read(mountsFile)
		if err != nil {
			return nil, err
		}
		id = containerOfMounts(mounts)
	}
	if id == "" {
		return nil, nil
	}
	return []attribute.KeyValue{semconv.ContainerID(id)}, nil
}

// read returns nothing for a file that does not exist, as on systems other than Linux.
func (m machine) read(name string) ([]byte, error) {
	text, err := fs.ReadFile(m.root, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read /%s: %w", name, err)
	}
	return text, nil
}

// containerOfCgroup reads lines such as "12:pids:/docker/<id>" and
// "0::/kubepods.slice/…/cri-containerd-<id>.scope".
func containerOfCgroup(text []byte) string {
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		if match := containerPath.FindStringSubmatch(parts[2]); match != nil {
			return match[1]
		}
	}
	return ""
}

// containerOfMounts finds the container ID of a runtime that shares no files between containers. In
// a pod, these files are the sandbox's.
func containerOfMounts(text []byte) string {
	if podOfMounts(text) != "" {
		return ""
	}
	for source := range mountSources(text) {
		if match := containerMount.FindStringSubmatch(source); match != nil {
			return match[1]
		}
	}
	return ""
}

// mountSources yields, for each line of a mountinfo (see proc(5)), the root within its file system
// and the mount point.
func mountSources(text []byte) iter.Seq2[string, string] {
	return func(yield func(source, on string) bool) {
		for line := range strings.Lines(string(text)) {
			fields := strings.SplitN(line, " ", 6)
			if len(fields) == 6 && !yield(fields[3], fields[4]) {
				return
			}
		}
	}
}
