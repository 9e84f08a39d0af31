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
	PHRASE(SOON_OVER, "I am sorry, this call has to end soon.", \
		"Es tut mir leid, dieses Gespräch muss bald enden.", \
		"Lo siento, esta llamada tiene que terminar pronto.", \
		"Je suis désolé, cet appel doit bientôt se terminer.", \
		"Mi dispiace, questa chiamata deve terminare a breve.", \
		"Lamento, esta chamada tem de terminar em breve.") \
	PHRASE(PART, "I cannot hear you, so I will hang up now. Goodbye!", \
		"Ich kann Sie nicht hören und lege jetzt auf. Auf Wiederhören!", \
		"No le oigo, así que voy a colgar. ¡Adiós!", \
		"Je ne vous entends pas, je vais raccrocher. Au revoir !", \
		"Non la sento, quindi chiudo la chiamata. Arrivederci!", \
		"Não o ouço, por isso vou desligar. Adeus!") \
	PHRASE(CONNECTING, "One moment, please. I am connecting you.", "Einen Moment, bitte. Ich verbinde Sie.", \
		"Un momento, por favor. Le pongo en comunicación.", \
		"Un instant, s'il vous plaît. Je vous mets en relation.", \
		"Un momento, per favore. La metto in comunicazione.", \
		"Um momento, por favor. Vou transferir a chamada.") \
	PHRASE(NOBODY, "I am sorry, nobody could be reached. May I take a message?", \
		"Es tut mir leid, es ist niemand zu erreichen. Darf ich eine Nachricht aufnehmen?", \
		"Lo siento, no he podido localizar a nadie. ¿Quiere dejar un mensaje?", \
		"Je suis désolé, personne n'est joignable. Puis-je prendre un message ?", \
		"Mi dispiace, non è raggiungibile nessuno. Posso prendere un messaggio?", \
		"Lamento, ninguém está disponível. Posso anotar um recado?") \
	PHRASE(FAREWELL, "Thank you for calling. Goodbye!", "Vielen Dank für Ihren Anruf. Auf Wiederhören!", \
		"Gracias por llamar. ¡Adiós!", "Merci de votre appel. Au revoir !", \
		"Grazie della chiamata. Arrivederci!", "Obrigado pela chamada. Adeus!")

enum phrase_name {
#define X(name, ...) PHRASE_##name,
	PHRASES(X)
#undef X
	PHRASE_COUNT
};

struct slice phrase(enum phrase_name name, struct slice language);
