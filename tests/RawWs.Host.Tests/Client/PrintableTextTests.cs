using System.Net.WebSockets;
using System.Text;

namespace RawWs.Host.Tests;

public class PrintableTextTests
{
    [Theory]
    [InlineData("Grüße, 世界 👩\u200D🚀", "Grüße, 世界 👩\u200D🚀")]
    [InlineData("a\nb\r\tc", @"a\nb\r\tc")]
    [InlineData("\e]0;title\a", @"\u001b]0;title\u0007")]
    [InlineData("\u009B31m\u007F", @"\u009b31m\u007f")]
    [InlineData("\u202Etxt.exe\u2066", @"\u202etxt.exe\u2066")]
    [InlineData("a\u2028b\U000E0041", @"a\u2028b\U000e0041")]
    [InlineData(@"C:\new", @"C:\new")]
    public void What_a_terminal_would_obey_is_written_down(string text, string expected) => Assert.Equal(expected, PrintableText.Of(text));

    // Not among the others: what shows their names could not show it.
    [Fact]
    public void Half_a_pair_is_replaced() => Assert.Equal("half \uFFFD a pair", PrintableText.Of("half \uD800 a pair"));

    [Theory]
    [InlineData(true, "\\u001b[2J\nbinary, 1 byte: 1b\nbinary, 0 bytes\n")]
    [InlineData(false, "\e[2J\nbinary, 1 byte: 1b\nbinary, 0 bytes\n")]
    public void A_message_to_a_terminal_is_printable(bool isTerminal, string expected)
    {
        using var output = new MemoryStream();
        var printer = new MessagePrinter(output, PayloadFormat.Lines, isTerminal);

        printer.Print(WebSocketMessageType.Text, "\e[2J"u8);
        printer.Print(WebSocketMessageType.Binary, "\e"u8);
        printer.Print(WebSocketMessageType.Binary, []);

        Assert.Equal(expected, Encoding.UTF8.GetString(output.ToArray()));
    }
}
