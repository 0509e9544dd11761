module marconi/tests/clients/gophercloud

go 1.19

require github.com/gophercloud/gophercloud v1.14.1
