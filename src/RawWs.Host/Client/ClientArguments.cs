using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography.X509Certificates;

namespace RawWs.Host;

/// <summary>What the commands that connect to a server have in common: its address, and how to connect.</summary>
internal sealed class ClientArguments
{
    private const string UrlName = "url";

    private readonly Argument<Uri?> _url = new(UrlName)
    {
        Description = "The server, such as ws://localhost:3000/echo, or wss:// for TLS.",
        // One that is missing is an error with an example in it.
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = ClientValues.Url,
    };

    private readonly Option<string[]> _headers = new("--header")
    {
        Description = "A field of the request, such as 'Authorization: Bearer TOKEN'. May be given several times.",
        HelpName = "NAME: VALUE",
    };

    private readonly Option<string[]> _subprotocols = new("--subprotocol")
    {
        Description = "A subprotocol to offer. May be given several times, the best first.",
        HelpName = "NAME",
    };

    private readonly Option<bool> _isInsecure = new("--insecure") { Description = "Take any certificate, whoever made it. What is sent may then be read by others." };

    private readonly Option<X509Certificate2Collection?> _authorities = new("--ca")
    {
        Description = "A PEM file with the certificates to trust, and no others: of authorities, or the server's own.",
        HelpName = "FILE",
        CustomParser = ClientValues.Certificates,
    };

    private readonly Option<bool> _compress = new("--compress") { Description = "Offer permessage-deflate." };

    private readonly Option<TimeSpan?> _connectTimeout = new("--connect-timeout")
    {
        Description = $"How long connecting may take, {ClientOptions.DefaultConnectSeconds} s by default.",
        HelpName = "SECONDS",
        CustomParser = ClientValues.PositiveSeconds,
    };

    /// <summary>Adds the address, and the options behind those that the command has already.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Insert(0, _url);
        foreach (var option in (Option[])[_headers, _subprotocols, _isInsecure, _authorities, _compress, _connectTimeout])
            command.Options.Add(option);

        _headers.Validators.Add(ClientValues.CheckHeaders);
        _subprotocols.Validators.Add(ClientValues.CheckSubprotocols);
        command.Validators.Add(Check);
    }

    /// <summary>What to say of an option that is misspelled, where the parser takes it for the address, and then does not know what the address is.</summary>
    /// <param name="result">What was parsed, for whatever command.</param>
    /// <returns>Null if there is none.</returns>
    public static string? AdviceOn(ParseResult result)
        => result.CommandResult.Children.OfType<ArgumentResult>().FirstOrDefault(argument => argument.Argument.Name == UrlName)?.Tokens is [{ Value: ['-', ..] slip }]
            ? $"Unrecognized command or argument '{slip}'."
            : null;

    /// <param name="result">One without errors.</param>
    public ClientOptions ValuesOf(ParseResult result) => new()
    {
        Url = result.GetValue(_url)!, // One that is missing is an error.
        Headers = [.. (result.GetValue(_headers) ?? []).Select(ClientValues.HeaderOf)],
        Subprotocols = result.GetValue(_subprotocols) ?? [],
        IsInsecure = result.GetValue(_isInsecure),
        Authorities = result.GetValue(_authorities),
        Compress = result.GetValue(_compress),
        ConnectTimeout = result.GetValue(_connectTimeout) ?? TimeSpan.FromSeconds(ClientOptions.DefaultConnectSeconds),
    };

    // From the words and not from the values: a value that is wrong by itself has its own error, and can't be asked for.
    private void Check(CommandResult result)
    {
        var (isInsecure, hasAuthorities) = (OptionValues.IsOn(result, _isInsecure), result.GetResult(_authorities) is not null);
        if (result.GetResult(_url)?.Tokens is not [var url])
            result.AddError($"{result.Command.Name} needs the address of a server: rawws {result.Command.Name} ws://localhost:{HostOptions.DefaultPort}/echo");
        else if (isInsecure && hasAuthorities)
            result.AddError("--insecure trusts every certificate, and --ca some; leave one out.");
        else if ((isInsecure || hasAuthorities) && url.Value.StartsWith("ws://", StringComparison.OrdinalIgnoreCase))
            result.AddError($"{(isInsecure ? "--insecure" : "--ca")} is for TLS, and ws:// is without; write wss://, or leave it out.");
    }
}
