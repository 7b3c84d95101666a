package openslo_test

// What follows is what the two specifications say, in types that are decoded into strictly: OpenSLO
// v1 by its document and its Go library, Sloth prometheus/v1 by its API.

type v1Header struct {
	APIVersion string     `yaml:"apiVersion"`
	Kind       string     `yaml:"kind"`
	Metadata   v1Metadata `yaml:"metadata"`
	Spec       any        `yaml:"spec"`
}

type v1Metadata struct {
	Name        string            `yaml:"name"`
	DisplayName string            `yaml:"displayName"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

type v1Service struct {
	APIVersion string     `yaml:"apiVersion"`
	Kind       string     `yaml:"kind"`
	Metadata   v1Metadata `yaml:"metadata"`
	Spec       struct {
		Description string `yaml:"description"`
	} `yaml:"spec"`
}

type v1SLI struct {
	APIVersion string     `yaml:"apiVersion"`
	Kind       string     `yaml:"kind"`
	Metadata   v1Metadata `yaml:"metadata"`
	Spec       struct {
		Description     string    `yaml:"description"`
		ThresholdMetric *v1Metric `yaml:"thresholdMetric"`
		RatioMetric     *struct {
			Counter bool      `yaml:"counter"`
			Good    *v1Metric `yaml:"good"`
			Bad     *v1Metric `yaml:"bad"`
			Total   *v1Metric `yaml:"total"`
			RawType string    `yaml:"rawType"`
			Raw     *v1Metric `yaml:"raw"`
		} `yaml:"ratioMetric"`
	} `yaml:"spec"`
}

type v1Metric struct {
	MetricSource struct {
		MetricSourceRef string         `yaml:"metricSourceRef"`
		Type            string         `yaml:"type"`
		Spec            map[string]any `yaml:"spec"`
	} `yaml:"metricSource"`
}

type v1SLO struct {
	APIVersion string     `yaml:"apiVersion"`
	Kind       string     `yaml:"kind"`
	Metadata   v1Metadata `yaml:"metadata"`
	Spec       struct {
		Description     string `yaml:"description"`
		Service         string `yaml:"service"`
		IndicatorRef    string `yaml:"indicatorRef"`
		BudgetingMethod string `yaml:"budgetingMethod"`
		TimeWindow      []struct {
			Duration  string `yaml:"duration"`
			IsRolling bool   `yaml:"isRolling"`
		} `yaml:"timeWindow"`
		Objectives []struct {
			DisplayName   string   `yaml:"displayName"`
			Target        *float64 `yaml:"target"`
			TargetPercent *float64 `yaml:"targetPercent"`
		} `yaml:"objectives"`
		AlertPolicies []struct {
			AlertPolicyRef string `yaml:"alertPolicyRef"`
		} `yaml:"alertPolicies"`
	} `yaml:"spec"`
}

type v1AlertPolicy struct {
	APIVersion string     `yaml:"apiVersion"`
	Kind       string     `yaml:"kind"`
	Metadata   v1Metadata `yaml:"metadata"`
	Spec       struct {
		Description        string `yaml:"description"`
		AlertWhenNoData    bool   `yaml:"alertWhenNoData"`
		AlertWhenBreaching bool   `yaml:"alertWhenBreaching"`
		AlertWhenResolved  bool   `yaml:"alertWhenResolved"`
		Conditions         []struct {
			Kind     string     `yaml:"kind"`
			Metadata v1Metadata `yaml:"metadata"`
			Spec     struct {
				Severity    string `yaml:"severity"`
				Description string `yaml:"description"`
				Condition   struct {
					Kind           string   `yaml:"kind"`
					Op             string   `yaml:"op"`
					Threshold      *float64 `yaml:"threshold"`
					LookbackWindow string   `yaml:"lookbackWindow"`
					AlertAfter     string   `yaml:"alertAfter"`
				} `yaml:"condition"`
			} `yaml:"spec"`
		} `yaml:"conditions"`
		NotificationTargets []struct {
			TargetRef string `yaml:"targetRef"`
		} `yaml:"notificationTargets"`
	} `yaml:"spec"`
}

type v1Target struct {
	APIVersion string     `yaml:"apiVersion"`
	Kind       string     `yaml:"kind"`
	Metadata   v1Metadata `yaml:"metadata"`
	Spec       struct {
		Description string `yaml:"description"`
		Target      string `yaml:"target"`
	} `yaml:"spec"`
}

type slothFile struct {
	Version string            `yaml:"version"`
	Service string            `yaml:"service"`
	Labels  map[string]string `yaml:"labels"`
	SLOs    []struct {
		Name        string            `yaml:"name"`
		Objective   float64           `yaml:"objective"`
		Description string            `yaml:"description"`
		Labels      map[string]string `yaml:"labels"`
		SLI         struct {
			Events *struct {
				ErrorQuery string `yaml:"error_query"`
				TotalQuery string `yaml:"total_query"`
			} `yaml:"events"`
		} `yaml:"sli"`
		Alerting struct {
			Name        string            `yaml:"name"`
			Labels      map[string]string `yaml:"labels"`
			Annotations map[string]string `yaml:"annotations"`
			PageAlert   slothAlert        `yaml:"page_alert"`
			TicketAlert slothAlert        `yaml:"ticket_alert"`
		} `yaml:"alerting"`
	} `yaml:"slos"`
}

type slothAlert struct {
	Disable     bool              `yaml:"disable"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}
