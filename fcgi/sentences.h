/*
 * sentences - what Twilio's voice says for us: the sentences, in the merchant's language, and how that is to be
 * pronounced.
 *
 * Place:    fcgi, pure. Used by voice and closed.
 * Usage:    struct slice text = sentence(SENTENCE_APOLOGY, slice_of(merchant.language));
 *           const char *tag = sentence_tag(SLICE("de-AT"));      "de-DE"
 * Fails:    another language than those here: English.
 * Source:   the tags: twilio.com/docs/voice/twiml/say#language
 */
#pragma once

#include "base/slice.h"

/* X(name, en, de, es, fr, it, pt) */
#define SENTENCES(X) \
	X(APOLOGY, "We are sorry, we cannot take your call right now. Please try again later. Goodbye.", \
		"Es tut uns leid, wir können Ihren Anruf gerade nicht annehmen. Bitte " \
		"versuchen Sie es später noch einmal. " \
		"Auf Wiederhören.", \
		"Lo sentimos, ahora no podemos atender su llamada. Inténtelo más tarde, por favor. Adiós.", \
		"Nous sommes désolés, nous ne pouvons pas prendre votre appel. " \
		"Veuillez réessayer plus tard. Au revoir.", \
		"Siamo spiacenti, al momento non possiamo rispondere. La preghiamo di " \
		"riprovare più tardi. Arrivederci.", \
		"Lamentamos, não podemos atender a sua chamada agora. Por favor, tente mais tarde. Adeus.") \
	X(LEAVE_MESSAGE, \
		"We are sorry, nobody can take your call right now. Please leave a message after the tone.", \
		"Es tut uns leid, gerade kann niemand Ihren Anruf annehmen. Bitte " \
		"hinterlassen Sie nach dem Ton eine " \
		"Nachricht.", \
		"Lo sentimos, ahora nadie puede atender su llamada. Deje un mensaje " \
		"después de la señal, por favor.", \
		"Nous sommes désolés, personne ne peut prendre votre appel. Veuillez " \
		"laisser un message après le bip.", \
		"Siamo spiacenti, al momento nessuno può rispondere. Lasci un messaggio dopo il segnale acustico.", \
		"Lamentamos, ninguém pode atender a sua chamada agora. Por favor, " \
		"deixe uma mensagem após o sinal.") \
	X(THANKS, "Thank you. Your message has been recorded. Goodbye.", \
		"Vielen Dank. Ihre Nachricht wurde aufgezeichnet. Auf Wiederhören.", \
		"Gracias. Su mensaje ha sido grabado. Adiós.", \
		"Merci. Votre message a été enregistré. Au revoir.", \
		"Grazie. Il suo messaggio è stato registrato. Arrivederci.", \
		"Obrigado. A sua mensagem foi gravada. Adeus.") \
	X(NO_MESSAGE, "We did not hear a message. Goodbye.", \
		"Wir haben keine Nachricht gehört. Auf Wiederhören.", \
		"No hemos oído ningún mensaje. Adiós.", \
		"Nous n'avons pas entendu de message. Au revoir.", \
		"Non abbiamo sentito nessun messaggio. Arrivederci.", \
		"Não ouvimos nenhuma mensagem. Adeus.") \
	/* A name between these two. */ \
	X(REACHED, "You have reached ", "Sie haben ", "Ha llamado a ", "Vous êtes bien chez ", "Ha chiamato ", \
		"Ligou para ") \
	X(CLOSED, ". We are closed right now.", " erreicht. Wir haben gerade geschlossen.", \
		". Ahora estamos cerrados.", ". Nous sommes actuellement fermés.", \
		". In questo momento siamo chiusi.", ". Neste momento estamos fechados.") \
	/* Then, when. */ \
	X(OPENS_AGAIN, " We open again ", " Wir öffnen wieder ", " Volvemos a abrir ", " Nous rouvrons ", \
		" Riapriamo ", " Voltamos a abrir ") \
	X(AFTER_TONE, " Please leave a message after the tone.", \
		" Bitte hinterlassen Sie nach dem Ton eine Nachricht.", \
		" Deje un mensaje después de la señal, por favor.", " Veuillez laisser un message après le bip.", \
		" Lasci un messaggio dopo il segnale acustico.", " Por favor, deixe uma mensagem após o sinal.") \
	X(GOODBYE, " Goodbye.", " Auf Wiederhören.", " Adiós.", " Au revoir.", " Arrivederci.", " Adeus.")

enum sentence_name {
#define X(name, ...) SENTENCE_##name,
	SENTENCES(X)
#undef X
	SENTENCE_COUNT
};

/* In the order of the table's columns. */
enum sentence_tongue { TONGUE_EN, TONGUE_DE, TONGUE_ES, TONGUE_FR, TONGUE_IT, TONGUE_PT, TONGUE_COUNT };

/* Of a language tag, or "": TONGUE_EN if it is none of these. */
enum sentence_tongue sentence_tongue(struct slice language);
struct slice sentence(enum sentence_name name, struct slice language);
/* What <Say language> is to be for a text in that language; NULL: nothing, Twilio's own, which is English. */
const char *sentence_tag(struct slice language);
/* The same for our sentences, which are in that language or in English. */
const char *sentence_our_tag(struct slice language);
