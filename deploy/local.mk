# deploy: text and scripts only.
EXTRA_DIST += deploy/demo deploy/packages deploy/install-packages

# Examples for web servers; the system tests start these very files.
dist_pkgdata_DATA += deploy/lighttpd.conf deploy/apache.conf deploy/apache-fcgid.conf deploy/apache-cgi.conf \
	deploy/nginx.conf deploy/haproxy.cfg
SYSTEM_TESTS += tests/system/fronts.sh

# Settings to begin with; tests/relay/warm.py has both programs check them.
dist_pkgdata_DATA += deploy/receptionai.conf

# What fal.ai's models cost and can: FAL_MODELS.
dist_pkgdata_DATA += deploy/fal-models.conf

# For Prometheus and Grafana: tests/system/prometheus.sh holds them against what is really exported.
prometheusdir = $(pkgdatadir)/prometheus
dist_prometheus_DATA = deploy/prometheus/alerts.yml deploy/prometheus/prometheus.yml deploy/prometheus/recording.yml \
	deploy/prometheus/textfile.sql
grafanadir = $(pkgdatadir)/grafana
dist_grafana_DATA = deploy/grafana/receptionai.json
EXTRA_DIST += deploy/prometheus/alerts_test.yml deploy/grafana/dashboard.py
SYSTEM_TESTS += tests/system/prometheus.sh
