# relay

# --- transport: ring, loop, TLS, legs ---------------------------------------------------------------
noinst_LIBRARIES += libtransport.a
libtransport_a_SOURCES =
libtransport_a_CFLAGS = $(AM_CFLAGS) $(URING_CFLAGS) $(WOLFSSL_CFLAGS) $(CRYPTO_CFLAGS)
TRANSPORT_LIBS = libtransport.a $(PROTO_LIBS) $(URING_LIBS) $(CRYPTO_LIBS) -lpthread
EXTRA_DIST += relay/batch.h relay/leg.h relay/listener.h relay/loop.h relay/ring.h relay/tls.h
