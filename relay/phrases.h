/*
 * phrases - the few sentences that the relay has the receptionist say by itself, in the merchant's language.
 *
 * Place:    relay, pure; below bridge.
 * Usage:    phrase(PHRASE_BACK, SLICE("de-AT"))
 * Fails:    another language than those here: English.
 */
#pragma once

#include "base/slice.h"

/* PHRASE(name, en, de, es, fr, it, pt) */
#define PHRASES(PHRASE) \
	PHRASE(HELLO, "Hello! How can I help you?", "Guten Tag! Wie kann ich Ihnen helfen?", \
		"¡Hola! ¿En qué puedo ayudarle?", "Bonjour ! Comment puis-je vous aider ?", \
		"Buongiorno! Come posso aiutarla?", "Olá! Como posso ajudar?") \
	PHRASE(MOMENT, "One moment, please.", "Einen Moment, bitte.", "Un momento, por favor.", \
		"Un instant, s'il vous plaît.", "Un momento, per favore.", "Um momento, por favor.") \
	PHRASE(BACK, "Sorry, the line was interrupted. Please go on.", \
		"Entschuldigung, die Verbindung war unterbrochen. Bitte fahren Sie fort.", \
		"Perdone, se cortó la línea. Continúe, por favor.", \
		"Pardon, la ligne a été coupée. Continuez, je vous prie.", \
		"Scusi, la linea è caduta. Continui, per favore.", \
		"Desculpe, a ligação foi interrompida. Continue, por favor.") \
	PHRASE(THERE, "Are you still there?", "Sind Sie noch da?", "¿Sigue ahí?", "Vous êtes toujours là ?", \
		"È ancora in linea?", "Ainda está aí?") \
	PHRASE(PART, "I cannot hear you, so I will hang up now. Goodbye!", \
		"Ich kann Sie nicht hören und lege jetzt auf. Auf Wiederhören!", \
		"No le oigo, así que voy a colgar. ¡Adiós!", \
		"Je ne vous entends pas, je vais raccrocher. Au revoir !", \
		"Non la sento, quindi chiudo la chiamata. Arrivederci!", \
		"Não o ouço, por isso vou desligar. Adeus!")

enum phrase_name {
#define X(name, ...) PHRASE_##name,
	PHRASES(X)
#undef X
	PHRASE_COUNT
};

struct slice phrase(enum phrase_name name, struct slice language);
