"""What phone_stub.py answers without a thought: TwiML, and what is none."""
PLAIN_VERBS = {
    "/loop": '<Redirect method="POST">/loop</Redirect>',
    "/public": "<Hangup/>",
    "/reject": '<Reject reason="busy"/>',
    "/refuse": "<Reject/>",
    "/dial": '<Dial action="/after"><Number>+14155550199</Number></Dial>',
    "/dial-both": '<Dial action="/after" timeout="12"><Number>+14155550199</Number><Number>+14155550198</Number></Dial>',
    "/bridge": '<Dial action="/after" answerOnBridge="true"><Number>+14155550199</Number></Dial>',
    "/record": '<Record action="/after" recordingStatusCallback="/status" maxLength="30"/><Say>Nothing was said.</Say>',
    "/gather": '<Gather action="/after" numDigits="4"><Say>Your number?</Say></Gather><Say>No number.</Say>',
    "/unknown-verb": "<Dance/><Hangup/>",
}


OTHER_ANSWERS = {
    "/json": (200, "application/json", "{}"),
    "/plain": (200, "text/plain", "Nothing here."),
    "/chunked": (200, "chunked", "<Response><Hangup/></Response>"),
    "/500": (500, "text/plain", "broken"),
}
