// Stands in for Terraform's unpublished modules: see nostate.go.
module github.com/hashicorp/terraform/internal/backend/remote-state/nostate

go 1.26.0

require github.com/hashicorp/terraform v1.13.3
