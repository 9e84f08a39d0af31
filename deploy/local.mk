# deploy: text and scripts only.
EXTRA_DIST += deploy/demo deploy/packages deploy/install-packages
