# deploy: text and scripts only.
EXTRA_DIST += deploy/packages deploy/install-packages
