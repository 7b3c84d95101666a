package setup

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// each calls f for all pipelines in parallel and joins their errors. Pipelines respect their
// context themselves.
func each(ctx context.Context, pipelines []pipeline, f func(pipeline, context.Context) error) error {
	errs := make([]error, len(pipelines))
	var wg sync.WaitGroup
	for i, p := range pipelines {
		wg.Go(func() { errs[i] = f(p, ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// discard releases, in parallel, what options handed over for pipelines that will not be created.
// What does not finish in time is abandoned.
func discard(ctx context.Context, specs []pipelineSpec) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	results := make(chan error, len(specs))
	for _, s := range specs {
		go func() { results <- contain(s.name(), func() error { return s.discard(ctx) }) }()
	}
	var errs []error
	for range specs {
		select {
		case err := <-results:
			errs = append(errs, err)
		case <-ctx.Done():
			return errors.Join(append(errs, fmt.Errorf("setup: shut down exporters that are not used: %w", ctx.Err()))...)
		}
	}
	return errors.Join(errs...)
}

// contain names the pipeline in the error of f, and turns a panic into an error.
func contain(pipeline string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("pipeline %q: shut down exporter: panicked: %v", pipeline, r)
		}
	}()
	if err := f(); err != nil {
		return fmt.Errorf("pipeline %q: shut down exporter: %w", pipeline, err)
	}
	return nil
}
