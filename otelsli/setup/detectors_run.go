package setup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// A machine is what the built-in detectors inspect.
type machine struct {
	env  *environment
	root fs.FS
}

// ownDetectors are the built-in detectors. They are quick and need no timeout.
var ownDetectors = map[string]func(machine) ([]attribute.KeyValue, error){
	detectHost:       machine.host,
	detectOS:         machine.os,
	detectProcess:    machine.process,
	detectContainer:  machine.container,
	detectKubernetes: machine.kubernetes,
}

// A detected is what one detector found.
type detected struct {
	attributes []attribute.KeyValue
	schemaURL  string
	err        error
}

// detect returns what the detectors found, in the order in which they were requested, and the
// schema URLs they returned. Failures are logged: they are no reason not to start.
func (c *config) detect(ctx context.Context) (attributes []attribute.KeyValue, schemas []string) {
	ctx, cancel := context.WithTimeout(ctx, detectTimeout)
	defer cancel()
	m := machine{env: &c.env, root: os.DirFS("/")}
	results := beginCustom(ctx, c.detections)
	for i, d := range c.detections {
		var found detected
		if d.custom == nil {
			found.attributes, found.err = ownDetectors[d.name](m)
		} else {
			found = awaitDetected(ctx, results[i])
		}
		switch {
		case found.err != nil:
			c.logger.Warn("otelsli: resource detector", "detector", d.name, "error", found.err)
		case len(found.attributes) == 0:
			c.logger.Debug("otelsli: resource detector found nothing", "detector", d.name)
		}
		attributes = append(attributes, found.attributes...)
		if found.schemaURL != "" {
			schemas = append(schemas, found.schemaURL)
		}
	}
	return attributes, schemas
}

// beginCustom starts the application's detectors in parallel. The result of detector i arrives on
// channel i.
func beginCustom(ctx context.Context, list []detection) []chan detected {
	results := make([]chan detected, len(list))
	for i, d := range list {
		if d.custom != nil {
			results[i] = make(chan detected, 1)
			go func() { results[i] <- runDetector(ctx, d.custom) }()
		}
	}
	return results
}

// awaitDetected waits for a detector until ctx ends and then abandons it.
func awaitDetected(ctx context.Context, result <-chan detected) detected {
	select {
	case found := <-result:
		return found
	case <-ctx.Done():
	}
	select {
	case found := <-result: // at the same moment
		return found
	default:
		return detected{err: fmt.Errorf("did not come back: %w", context.Cause(ctx))}
	}
}

func runDetector(ctx context.Context, d resource.Detector) (found detected) {
	defer func() {
		if r := recover(); r != nil {
			found = detected{err: fmt.Errorf("panicked: %v", r)}
		}
	}()
	res, err := d.Detect(ctx)
	found.err = err
	if err == nil || errors.Is(err, resource.ErrPartialResource) {
		found.attributes, found.schemaURL = res.Attributes(), res.SchemaURL()
	}
	return found
}

// nameOf returns the name of a detector for logs.
func nameOf(d resource.Detector) string { return fmt.Sprintf("%T", d) }
