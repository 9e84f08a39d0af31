# deploy: text and scripts only.
EXTRA_DIST += deploy/demo deploy/packages deploy/install-packages

# Examples for web servers; the system tests start these very files.
dist_pkgdata_DATA += deploy/lighttpd.conf deploy/apache.conf deploy/apache-fcgid.conf deploy/apache-cgi.conf \
	deploy/nginx.conf deploy/haproxy.cfg
SYSTEM_TESTS += tests/system/fronts.sh tests/system/box.sh tests/system/tunnel.sh
PLAIN_TESTS += tests/lint/deploy.sh
EXTRA_DIST += tests/system/web_servers.sh tests/system/whole_call.sh tests/lint/deploy.py tests/slow/container.sh

# One container, one machine at Fly.
EXTRA_DIST += deploy/container/Containerfile deploy/container/ignore deploy/container/receptionai-box \
	deploy/container/README.md deploy/fly/fly.toml deploy/fly/README.md deploy/TUNNEL.md

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
EXTRA_DIST += tests/system/prometheus.py

# --- systemd: units, who runs them, and their folders ------------------------------------------------------------------
UNITS_MADE = deploy/systemd/receptionai-relay.service deploy/systemd/receptionai-webhook.service \
	deploy/systemd/receptionai-worker.service
UNITS_KEPT = deploy/systemd/receptionai.target deploy/systemd/receptionai-relay.socket \
	deploy/systemd/receptionai-webhook.socket
EXTRA_DIST += $(UNITS_KEPT) deploy/systemd/receptionai-relay.service.in deploy/systemd/receptionai-webhook.service.in \
	deploy/systemd/receptionai-worker.service.in deploy/systemd/sysusers.conf.in deploy/systemd/tmpfiles.conf.in \
	deploy/systemd/README.md
CLEANFILES += $(UNITS_MADE) deploy/systemd/sysusers.conf deploy/systemd/tmpfiles.conf
edit_unit = $(MKDIR_P) deploy/systemd && $(SED) -e 's|@sbindir[@]|$(sbindir)|g' \
	-e 's|@localstatedir[@]|$(localstatedir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g'
deploy/systemd/receptionai-relay.service: $(top_srcdir)/deploy/systemd/receptionai-relay.service.in Makefile
	$(AM_V_GEN)$(edit_unit) $(top_srcdir)/$@.in >$@.tmp && mv $@.tmp $@
deploy/systemd/receptionai-webhook.service: $(top_srcdir)/deploy/systemd/receptionai-webhook.service.in Makefile
	$(AM_V_GEN)$(edit_unit) $(top_srcdir)/$@.in >$@.tmp && mv $@.tmp $@
deploy/systemd/receptionai-worker.service: $(top_srcdir)/deploy/systemd/receptionai-worker.service.in Makefile
	$(AM_V_GEN)$(edit_unit) $(top_srcdir)/$@.in >$@.tmp && mv $@.tmp $@
deploy/systemd/sysusers.conf: $(top_srcdir)/deploy/systemd/sysusers.conf.in Makefile
	$(AM_V_GEN)$(edit_unit) $(top_srcdir)/$@.in >$@.tmp && mv $@.tmp $@
deploy/systemd/tmpfiles.conf: $(top_srcdir)/deploy/systemd/tmpfiles.conf.in Makefile
	$(AM_V_GEN)$(edit_unit) $(top_srcdir)/$@.in >$@.tmp && mv $@.tmp $@
if SYSTEMD
nodist_systemdsystemunit_DATA = $(UNITS_KEPT) $(UNITS_MADE)
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
all-local: deploy/systemd/sysusers.conf deploy/systemd/tmpfiles.conf
install-systemd: deploy/systemd/sysusers.conf deploy/systemd/tmpfiles.conf
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)'
	$(INSTALL_DATA) deploy/systemd/sysusers.conf '$(DESTDIR)$(sysusersdir)/receptionai.conf'
	$(INSTALL_DATA) deploy/systemd/tmpfiles.conf '$(DESTDIR)$(tmpfilesdir)/receptionai.conf'
uninstall-systemd:
	rm -f '$(DESTDIR)$(sysusersdir)/receptionai.conf' '$(DESTDIR)$(tmpfilesdir)/receptionai.conf'
else
install-systemd uninstall-systemd:
endif
.PHONY: install-systemd uninstall-systemd

# The second boots a machine, for which it has to be root.
SYSTEM_TESTS += tests/system/units.sh tests/system/machine.sh

# The settings to begin with, unless there are some; and the folders of a host without systemd. What somebody changed, and
# what holds anything, stays when the programs go.
confdir = $(sysconfdir)/receptionai
first_settings = $(SED) -e 's|/var/|$(localstatedir)/|g' -e 's|/etc/receptionai|$(confdir)|g' \
	'$(top_srcdir)/deploy/receptionai.conf'
state_folders = '$(DESTDIR)$(localstatedir)/lib/receptionai/media' '$(DESTDIR)$(localstatedir)/spool/receptionai' \
	'$(DESTDIR)$(localstatedir)/lib/receptionai'
install-data-hook: install-systemd
	test -d '$(DESTDIR)$(confdir)' || $(INSTALL) -d -m 0750 '$(DESTDIR)$(confdir)'
	test -e '$(DESTDIR)$(confdir)/receptionai.conf' || \
		{ umask 0137 && $(first_settings) >'$(DESTDIR)$(confdir)/receptionai.conf'; }
	test -d '$(DESTDIR)$(localstatedir)/lib/receptionai' || \
		$(INSTALL) -d -m 0751 '$(DESTDIR)$(localstatedir)/lib/receptionai'
	for folder in $(state_folders); do test -d "$$folder" || $(INSTALL) -d -m 0750 "$$folder" || exit 1; done
uninstall-hook: uninstall-systemd
	$(first_settings) | cmp -s - '$(DESTDIR)$(confdir)/receptionai.conf' && \
		rm -f '$(DESTDIR)$(confdir)/receptionai.conf' || :
	rmdir '$(DESTDIR)$(confdir)' $(state_folders) 2>/dev/null || :
