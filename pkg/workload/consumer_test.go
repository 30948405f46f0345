// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

func named(name string) corev1.LocalObjectReference { return corev1.LocalObjectReference{Name: name} }

// app returns a Pod of one container.
func app(c corev1.Container, volumes ...corev1.Volume) *corev1.PodSpec {
	c.Name = "app"
	return &corev1.PodSpec{Containers: []corev1.Container{c}, Volumes: volumes}
}

func env(secret, key string, optional *bool) corev1.Container {
	return corev1.Container{Env: []corev1.EnvVar{{Name: "PLAIN", Value: "x"}, {Name: "X", ValueFrom: &corev1.EnvVarSource{
		SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: named(secret), Key: key, Optional: optional},
	}}}}
}

func mount(subPath string) corev1.Container {
	return corev1.Container{VolumeMounts: []corev1.VolumeMount{{Name: "v", MountPath: "/v", SubPath: subPath}, {Name: "tmp"}}}
}

func volume(source corev1.VolumeSource) corev1.Volume {
	return corev1.Volume{Name: "v", VolumeSource: source}
}

func secretVolume(name string, keys ...string) corev1.VolumeSource {
	source := &corev1.SecretVolumeSource{SecretName: name}
	for _, key := range keys {
		source.Items = append(source.Items, corev1.KeyToPath{Key: key, Path: key})
	}
	return corev1.VolumeSource{Secret: source}
}

func TestUses(t *testing.T) {
	cases := map[string]struct {
		reason string
		pod    *corev1.PodSpec
		want   []Use
	}{
		"None":        {pod: app(corev1.Container{})},
		"Env":         {pod: app(env("db", "P", nil)), want: []Use{{Container: "app", Means: Env, Keys: []string{"P"}}}},
		"EnvOptional": {pod: app(env("db", "P", new(true))), want: []Use{{Container: "app", Means: Env, Keys: []string{"P"}, Optional: true}}},
		"EnvOfOther":  {pod: app(env("cache", "P", nil))},
		"EnvFrom": {
			pod: app(corev1.Container{EnvFrom: []corev1.EnvFromSource{
				{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: named("db")}},
				{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: named("other")}},
				{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: named("db")}},
			}}),
			want: []Use{{Container: "app", Means: EnvFrom}},
		},
		"Volume":        {pod: app(mount(""), volume(secretVolume("db"))), want: []Use{{Container: "app", Means: Volume}}},
		"VolumeItems":   {pod: app(mount(""), volume(secretVolume("db", "P"))), want: []Use{{Container: "app", Means: Volume, Keys: []string{"P"}}}},
		"VolumeOfOther": {pod: app(mount(""), volume(secretVolume("cache")))},
		"SubPath":       {reason: "the kubelet never updates it", pod: app(mount("P"), volume(secretVolume("db"))), want: []Use{{Container: "app", Means: SubPath}}},
		"Unmounted":     {reason: "the kubelet makes it all the same", pod: app(corev1.Container{}, volume(secretVolume("db", "P"))), want: []Use{{Means: Volume, Keys: []string{"P"}}}},
		"Projected": {
			pod: app(mount(""), volume(corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
				{Secret: &corev1.SecretProjection{LocalObjectReference: named("db"), Items: []corev1.KeyToPath{{Key: "P"}}}},
				{Secret: &corev1.SecretProjection{LocalObjectReference: named("cache")}},
				{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: named("db")}},
			}}})),
			want: []Use{{Container: "app", Means: Volume, Keys: []string{"P"}}},
		},
		"CSI": {
			pod:  app(mount(""), volume(corev1.VolumeSource{CSI: &corev1.CSIVolumeSource{NodePublishSecretRef: new(named("db"))}})),
			want: []Use{{Container: "app", Means: Driver}},
		},
		"CSIWithout": {pod: app(mount(""), volume(corev1.VolumeSource{CSI: &corev1.CSIVolumeSource{}}))},
		"AzureFile": {
			pod:  app(mount(""), volume(corev1.VolumeSource{AzureFile: &corev1.AzureFileVolumeSource{SecretName: "db"}})),
			want: []Use{{Container: "app", Means: Driver}},
		},
		"Init": {
			pod:  &corev1.PodSpec{InitContainers: []corev1.Container{env("db", "P", nil)}},
			want: []Use{{Means: Env, Keys: []string{"P"}}},
		},
		"ImagePull": {
			pod:  &corev1.PodSpec{ImagePullSecrets: []corev1.LocalObjectReference{named("db"), named("cache")}},
			want: []Use{{Means: ImagePull}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Uses("db", tc.pod)); diff != "" {
				t.Errorf("%s: %s", tc.reason, diff)
			}
		})
	}
}

func TestConsumerUnderChanges(t *testing.T) {
	changes := func(changed, removed []string) *v1alpha1.KeyChanges {
		return &v1alpha1.KeyChanges{Changed: changed, Removed: removed}
	}
	type verdict struct {
		Stale, Concerned bool
		Breaks, Loses    int
		Freezes, Pulls   bool
	}
	p := []string{"P"}
	cases := map[string]struct {
		reason  string
		use     Use
		changes *v1alpha1.KeyChanges
		want    verdict
	}{
		"EnvChanged":           {use: Use{Means: Env, Keys: p}, changes: changes(p, nil), want: verdict{Stale: true, Concerned: true}},
		"EnvOfAnotherKey":      {use: Use{Means: Env, Keys: p}, changes: changes([]string{"Q"}, []string{"R"})},
		"EnvRemoved":           {reason: "the Pod does not start", use: Use{Means: Env, Keys: p}, changes: changes(nil, p), want: verdict{Stale: true, Concerned: true, Breaks: 1}},
		"EnvOptionalRemoved":   {use: Use{Means: Env, Keys: p, Optional: true}, changes: changes(nil, p), want: verdict{Stale: true, Concerned: true, Loses: 1}},
		"EnvFromRemoved":       {use: Use{Means: EnvFrom}, changes: changes(nil, p), want: verdict{Stale: true, Concerned: true, Loses: 1}},
		"VolumeChanged":        {reason: "the kubelet updates it", use: Use{Means: Volume}, changes: changes(p, nil), want: verdict{Concerned: true}},
		"VolumeItemRemoved":    {use: Use{Means: Volume, Keys: p}, changes: changes(nil, p), want: verdict{Concerned: true, Breaks: 1, Freezes: true}},
		"VolumeItemStays":      {use: Use{Means: Volume, Keys: p}, changes: changes(p, []string{"Q"}), want: verdict{Concerned: true}},
		"VolumeItemOptional":   {use: Use{Means: Volume, Keys: p, Optional: true}, changes: changes(nil, p), want: verdict{Concerned: true, Loses: 1}},
		"SubPathItemRemoved":   {reason: "it never was up to date", use: Use{Means: SubPath, Keys: p}, changes: changes(nil, p), want: verdict{Stale: true, Concerned: true, Breaks: 1}},
		"SubPathChanged":       {use: Use{Means: SubPath}, changes: changes(p, nil), want: verdict{Stale: true, Concerned: true}},
		"ImagePullChanged":     {reason: "read at each pull", use: Use{Means: ImagePull}, changes: changes(p, p), want: verdict{Concerned: true, Pulls: true}},
		"Unknown":              {reason: "what is not known is taken to change", use: Use{Means: Env, Keys: p}, want: verdict{Stale: true, Concerned: true}},
		"UnknownVolume":        {use: Use{Means: Volume}, want: verdict{Concerned: true}},
		"NothingChangesForEnv": {use: Use{Means: EnvFrom}, changes: changes(nil, nil)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := Consumer{Uses: []Use{tc.use}}
			var removed []string
			if tc.changes != nil {
				removed = tc.changes.Removed
			}
			got := verdict{c.Stale(tc.changes), c.Concerned(tc.changes), len(c.Breaks(removed)), len(c.Loses(removed)), c.Freezes(removed), c.OnlyPulls()}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: %s", tc.reason, diff)
			}
		})
	}
}

func owned(kind string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: "x", OwnerReferences: []metav1.OwnerReference{{Kind: kind, Name: "o", Controller: new(true)}}}
}

func TestWorkloads(t *testing.T) {
	paused := FromDeployment(&appsv1.Deployment{Spec: appsv1.DeploymentSpec{Paused: true}})
	stateful := appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType}
	daemon := appsv1.DaemonSetUpdateStrategy{Type: appsv1.OnDeleteDaemonSetStrategyType}
	cases := map[string]struct {
		workload Workload
		restarts bool
	}{
		"Deployment":       {workload: FromDeployment(&appsv1.Deployment{}), restarts: true},
		"DeploymentPaused": {workload: paused},
		"StatefulSet":      {workload: FromStatefulSet(&appsv1.StatefulSet{}), restarts: true},
		"StatefulOnDelete": {workload: FromStatefulSet(&appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{UpdateStrategy: stateful}})},
		"DaemonSet":        {workload: FromDaemonSet(&appsv1.DaemonSet{}), restarts: true},
		"DaemonOnDelete":   {workload: FromDaemonSet(&appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{UpdateStrategy: daemon}})},
		"CronJob":          {workload: FromCronJob(&batchv1.CronJob{})},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := (Consumer{Workload: tc.workload}).Restartable(); got != tc.restarts {
				t.Errorf("want restartable %v, got %v (%s)", tc.restarts, got, tc.workload.ByHand)
			}
		})
	}
}

func TestOnlyWhatNobodyElseStandsFor(t *testing.T) {
	ofJob := func(j batchv1.Job) bool { _, ok := FromJob(&j); return ok }
	ofSet := func(r appsv1.ReplicaSet) bool { _, ok := FromReplicaSet(&r); return ok }
	ofPod := func(p corev1.Pod) bool { _, ok := FromPod(&p); return ok }
	over := func(how batchv1.JobConditionType, status corev1.ConditionStatus) batchv1.Job {
		return batchv1.Job{Status: batchv1.JobStatus{Conditions: []batchv1.JobCondition{{Type: how, Status: status}}}}
	}
	cases := map[string]struct{ got, want bool }{
		"Job":               {ofJob(batchv1.Job{}), true},
		"JobOfCronJob":      {ofJob(batchv1.Job{ObjectMeta: owned(KindCronJob)}), false},
		"JobComplete":       {ofJob(over(batchv1.JobComplete, corev1.ConditionTrue)), false},
		"JobFailed":         {ofJob(over(batchv1.JobFailed, corev1.ConditionTrue)), false},
		"JobNotFailed":      {ofJob(over(batchv1.JobFailed, corev1.ConditionFalse)), true},
		"JobSuspended":      {ofJob(over(batchv1.JobSuspended, corev1.ConditionTrue)), true},
		"ReplicaSet":        {ofSet(appsv1.ReplicaSet{}), true},
		"SetOfRollout":      {ofSet(appsv1.ReplicaSet{ObjectMeta: owned("Rollout")}), true},
		"SetOfDeployment":   {ofSet(appsv1.ReplicaSet{ObjectMeta: owned(KindDeployment)}), false},
		"SetEmpty":          {ofSet(appsv1.ReplicaSet{Spec: appsv1.ReplicaSetSpec{Replicas: new(int32(0))}}), false},
		"Pod":               {ofPod(corev1.Pod{}), true},
		"PodOfOperator":     {ofPod(corev1.Pod{ObjectMeta: owned("Cluster")}), true},
		"PodOfReplicaSet":   {ofPod(corev1.Pod{ObjectMeta: owned(KindReplicaSet)}), false},
		"PodOver":           {ofPod(corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodSucceeded}}), false},
		"PodOfStatefulSet":  {ofPod(corev1.Pod{ObjectMeta: owned(KindStatefulSet)}), false},
		"PodOfJobOfCronJob": {ofPod(corev1.Pod{ObjectMeta: owned(KindJob)}), false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.got != tc.want {
				t.Errorf("want %v, got %v", tc.want, tc.got)
			}
		})
	}
}

func TestFind(t *testing.T) {
	reads := func(namespace, name, secret string) Workload {
		return Workload{Kind: KindDeployment, Namespace: namespace, Name: name, Pod: *app(env(secret, "P", nil))}
	}
	found := Find("shop", "db", []Workload{reads("shop", "web", "db"), reads("shop", "api", "cache"), reads("other", "web", "db")})
	if len(found) != 1 || found[0].Name != "web" || found[0].Namespace != "shop" {
		t.Errorf("want shop/web alone, got %+v", found)
	}
}
