// Server-sent events out of pieces of text, as they arrive.

export interface ServerEvent {
  event: string;  // "message" where the server names none
  data: string;
}

export class EventParser {
  private rest = "";

  // The events that `piece` completes.
  push(piece: string): ServerEvent[] {
    this.rest += piece;
    const events: ServerEvent[] = [];
    for (;;) {
      const end = /\r?\n\r?\n/.exec(this.rest);
      if (!end) return events;
      const block = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      const event = parseBlock(block);
      if (event) events.push(event);
    }
  }
}

function parseBlock(block: string): ServerEvent | null {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon === 0) continue;  // a comment
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    if (field === "data") data.push(value);
  }
  return data.length ? {event: name, data: data.join("\n")} : null;
}

// Reads a reply's body to its end.
export async function readEvents(reply: Response, take: (event: ServerEvent) => void): Promise<void> {
  if (!reply.body) return;
  const parser = new EventParser();
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    for (const event of parser.push(value)) take(event);
  }
}
