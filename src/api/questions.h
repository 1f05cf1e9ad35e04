// What the endpoints answer; the table that names them is in endpoints.cc, and docs/api.md tells what they answer.
#pragma once

#include "api/ask.h"

namespace packwalk {

// position_questions.cc: the present, from memory
Result<Response> positions(Ask& ask);
Result<Response> position(Ask& ask);

// device_questions.cc
Result<Response> devices(Ask& ask);
Result<Response> device(Ask& ask);
Result<Response> messages(Ask& ask);

// track_questions.cc
Result<Response> fixes(Ask& ask);
Result<Response> tracks(Ask& ask);
Result<Response> track(Ask& ask);

// activity_question.cc
Result<Response> activity(Ask& ask);

// walk_questions.cc
Result<Response> companions(Ask& ask);
Result<Response> joint_walks(Ask& ask);
Result<Response> pack_walks(Ask& ask);

// openapi.cc: this API, described for programs
Result<Response> openapi(Ask& ask);

}  // namespace packwalk
