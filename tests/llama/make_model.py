"""Makes a tiny model file that says what a test has written down, token for token.

Architecture `llama`, one block of zero weights, so that what comes out of a token is the token itself: each has a dimension of
its own in the embeddings, and the output matrix holds in that dimension the token that follows it. Each reply is a chain of
tokens that no other reply has, begun by a control token of its own, which the chat template puts at the end of the prompt. All
other text is read byte by byte.

A server's grammar may forbid the token that follows. Then the model closes what is open and stops: quotes and brackets come
before other bytes, white space and commas last.

Refuses texts with the mark that this tokenizer writes for a space.
"""

import numpy
from gguf import GGUFWriter, TokenType

SPACE = "\u2581"
# A piece is longer than any that bytes of a prompt are merged into.
SHORTEST_PIECE = 3
HEAD = 32
FEED_FORWARD = 32
CONTEXT = 1 << 20
# Logits before the output norm multiplies them by the square root of the width.
FOLLOWS = 8.0
STOPS = 4.0
CLOSES = {byte: 1.0 - rank / 10 for rank, byte in enumerate(b'"}]>')}
OTHER_BYTE = 0.5
LAST_BYTES = dict.fromkeys(b"\n", 0.2) | dict.fromkeys(b" \t\r,", 0.1)


class Vocabulary:
    """Tokens with their kinds, and which follows which."""

    def __init__(self):
        self.texts = []
        self.kinds = []
        self.taken = set()
        self.follows = {}
        self.unknown = self.add("<unk>", TokenType.UNKNOWN)
        self.end = self.add("<|im_end|>", TokenType.CONTROL)
        self.add("<|im_start|>", TokenType.CONTROL)
        self.bytes = [self.add(f"<0x{byte:02X}>", TokenType.BYTE) for byte in range(256)]

    def add(self, text, kind):
        self.texts.append(text)
        self.kinds.append(kind)
        self.taken.add(text)
        return len(self.texts) - 1

    def add_reply(self, name, text, endless):
        """A chain from the reply's control token to the end, or back to the first piece."""
        if SPACE in text:
            raise ValueError(f"the reply {name} holds the mark of a space")
        chain = [self.add(f"<|{name}|>", TokenType.CONTROL)]
        chain += [self.add(piece, TokenType.NORMAL) for piece in self.cut(text.replace(" ", SPACE))]
        self.follows.update(zip(chain, chain[1:]))
        self.follows[chain[-1]] = chain[1] if endless else self.end

    def cut(self, text):
        """Cuts a text into pieces that are no token yet."""
        pieces = []
        while text:
            lengths = range(SHORTEST_PIECE, len(text) - SHORTEST_PIECE + 1)
            length = next((it for it in lengths if self.is_new(text[:it], pieces)), len(text))
            piece, text = text[:length], text[length:]
            while pieces and not self.is_new(piece, pieces):
                piece = pieces.pop() + piece
            if not self.is_new(piece, pieces):
                raise ValueError(f"this reply cannot be told from another: {piece}")
            pieces.append(piece)
        return pieces

    def is_new(self, piece, pieces):
        return len(piece) >= SHORTEST_PIECE and piece not in self.taken and piece not in pieces


def matrices(vocabulary):
    """Embeddings and output matrix. The last dimension is that of all tokens which nothing follows."""
    size = len(vocabulary.texts)
    width = (len(vocabulary.follows) // HEAD + 1) * HEAD
    embeddings = numpy.zeros((size, width), numpy.float32)
    output = numpy.zeros((size, width), numpy.float32)
    for byte, token in enumerate(vocabulary.bytes):
        output[token] = (CLOSES | LAST_BYTES).get(byte, OTHER_BYTE)
    output[vocabulary.end] = STOPS
    embeddings[:, -1] = 1.0
    for dimension, (token, following) in enumerate(vocabulary.follows.items()):
        embeddings[token] = 0.0
        embeddings[token, dimension] = 1.0
        output[following, dimension] = FOLLOWS
    return embeddings, output


def make_model(path, template, replies):
    """Writes the model file. `replies`: by name, `{"text": …, "endless": …}`."""
    vocabulary = Vocabulary()
    for name, reply in replies.items():
        vocabulary.add_reply(name, reply["text"], reply["endless"])
    embeddings, output = matrices(vocabulary)
    width = embeddings.shape[1]
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_rope_dimension_count(HEAD)
    writer.add_layer_norm_rms_eps(1e-5)
    add_tokenizer(writer, vocabulary)
    writer.add_chat_template(template)
    writer.add_tensor("token_embd.weight", embeddings)
    writer.add_tensor("output_norm.weight", numpy.ones(width, numpy.float32))
    writer.add_tensor("output.weight", output)
    for name, shape in block(width).items():
        writer.add_tensor(f"blk.0.{name}.weight", numpy.zeros(shape, numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_tokenizer(writer, vocabulary):
    writer.add_tokenizer_model("llama")
    writer.add_token_list(vocabulary.texts)
    writer.add_token_types(vocabulary.kinds)
    writer.add_token_scores([0.0] * len(vocabulary.texts))
    writer.add_unk_token_id(vocabulary.unknown)
    writer.add_eos_token_id(vocabulary.end)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)


def block(width):
    return {
        "attn_norm": (width,),
        "attn_q": (HEAD, width),
        "attn_k": (HEAD, width),
        "attn_v": (HEAD, width),
        "attn_output": (width, HEAD),
        "ffn_norm": (width,),
        "ffn_gate": (FEED_FORWARD, width),
        "ffn_up": (FEED_FORWARD, width),
        "ffn_down": (width, FEED_FORWARD),
    }
