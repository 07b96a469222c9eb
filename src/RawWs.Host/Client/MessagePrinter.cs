using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace RawWs.Host;

/// <summary>Prints the messages that come.</summary>
/// <param name="output">Where to; every message leaves at once.</param>
/// <param name="format">How.</param>
/// <param name="isTerminal">Whether it goes to a terminal, which would obey what a stranger has sent.</param>
internal sealed class MessagePrinter(Stream output, PayloadFormat format, bool isTerminal)
{
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <exception cref="BrokenPipeException">Nobody reads any more.</exception>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Print(WebSocketMessageType type, ReadOnlySpan<byte> payload)
    {
        if (format == PayloadFormat.Raw)
        {
            StandardOutput.Write(output, payload);
            return;
        }

        _line.ResetWrittenCount();
        if (format == PayloadFormat.Lines && type == WebSocketMessageType.Text && !isTerminal)
            _line.Write(payload);
        else
            Encoding.UTF8.GetBytes(TextOf(type, payload), _line);

        _line.Write("\n"u8);
        StandardOutput.Write(output, _line.WrittenSpan);
    }

    private string TextOf(WebSocketMessageType type, ReadOnlySpan<byte> payload) => (format, type) switch
    {
        (PayloadFormat.Base64, _) => Convert.ToBase64String(payload),
        (_, WebSocketMessageType.Text) => PrintableText.Of(Encoding.UTF8.GetString(payload)),
        _ => $"binary, {(payload.Length == 1 ? "1 byte" : $"{payload.Length} bytes")}{(payload.IsEmpty ? "" : ": ")}{Convert.ToHexStringLower(payload)}",
    };
}
