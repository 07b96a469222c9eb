using System.CommandLine;
using System.CommandLine.Parsing;

namespace RawWs.Host;

/// <summary>The options of how the messages that come are printed.</summary>
internal sealed class PrintArguments
{
    private readonly Option<bool> _raw = new("--raw") { Description = "Print payloads as they are, with nothing between them, to a file or a pipe." };

    private readonly Option<bool> _base64 = new("--base64") { Description = "Print each message in Base64, a line each." };

    private readonly Option<int?> _maxMessageSize = new("--max-message-size")
    {
        Description = "The largest message that is taken, 16M by default; a larger one ends the connection with 1009.",
        HelpName = "SIZE",
        CustomParser = ClientValues.Size,
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_raw, _base64, _maxMessageSize])
            command.Options.Add(option);

        command.Validators.Add(Check);
    }

    /// <param name="result">One without errors.</param>
    public int MaxMessageSizeOf(ParseResult result) => result.GetValue(_maxMessageSize) ?? HostOptions.DefaultMaxMessageSize;

    /// <param name="result">One without errors.</param>
    /// <param name="output">Standard output.</param>
    public MessagePrinter PrinterOf(ParseResult result, Stream output)
        => new(output, result.GetValue(_raw) ? PayloadFormat.Raw : result.GetValue(_base64) ? PayloadFormat.Base64 : PayloadFormat.Lines, !Console.IsOutputRedirected);

    private void Check(CommandResult result)
    {
        var isRaw = OptionValues.IsOn(result, _raw);
        if (isRaw && OptionValues.IsOn(result, _base64))
            result.AddError("--raw and --base64 exclude each other; leave one out.");
        else if (isRaw && !Console.IsOutputRedirected)
            result.AddError("--raw would let a terminal obey what the server sends; write it to a file or a pipe, or use --base64.");
    }
}
