using System.CommandLine;
using System.CommandLine.Parsing;

namespace RawWs.Host;

/// <summary>The options of the command line that say who is believed about whom it connects for.</summary>
internal sealed class ProxyArguments
{
    private static readonly (string Name, ForwardingHeaders Headers)[] Kinds =
        [("either", ForwardingHeaders.Either), ("x-forwarded", ForwardingHeaders.XForwarded), ("forwarded", ForwardingHeaders.Forwarded)];

    private readonly Option<string[]?> _trusted = new HostOption<string[]?>("--trust-proxy")
    {
        Default = "none",
        Description = "A proxy that is believed about its clients: a network such as 10.0.0.0/8, an address, loopback, private, or unix for the socket of --unix; none by default. May be given several times.",
        HelpName = "NETWORK",
        CustomParser = Trusted,
    };

    private readonly Option<ForwardingHeaders?> _headers = new HostOption<ForwardingHeaders?>("--forwarding-headers")
    {
        Default = "either",
        Description = "What trusted proxies tell their clients by: x-forwarded (X-Forwarded-For and -Proto), forwarded (RFC 7239), or either (the default), whichever is there.",
        HelpName = "KIND",
        CustomParser = Headers,
    };

    private readonly Option<bool> _proxyProtocol = new("--proxy-protocol")
    {
        Description = "Each connection begins with a header of the PROXY protocol, version 1 or 2, from a --trust-proxy if there is any; one that does not is closed.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_trusted);
        command.Options.Add(_headers);
        command.Options.Add(_proxyProtocol);
        command.Validators.Add(Check);
    }

    /// <param name="result">One without errors.</param>
    public ProxySettings ValuesOf(ParseResult result)
    {
        var trusted = result.GetValue(_trusted) ?? [];
        return new ProxySettings
        {
            Networks = [.. trusted.SelectMany(text => TrustedProxyNames.Read(text)!).Distinct()], // Trusted has looked.
            TrustUnixSockets = trusted.Contains(TrustedProxyNames.Unix),
            Headers = result.GetValue(_headers) ?? ForwardingHeaders.Either,
            ProxyProtocol = result.GetValue(_proxyProtocol),
        };
    }

    private void Check(CommandResult result)
    {
        if (result.GetResult(_headers) is { Implicit: false } && result.GetResult(_trusted) is null or { Implicit: true })
            result.AddError("--forwarding-headers is for --trust-proxy NETWORK; add that, for nobody else's headers are looked at.");
    }

    private static string[]? Trusted(ArgumentResult argument)
    {
        var texts = argument.Tokens.Select(token => token.Value).ToArray();
        if (Array.Find(texts, text => TrustedProxyNames.Read(text) is null) is not { } wrong)
            return texts;

        argument.AddError(TrustedProxyNames.SuggestionFor(wrong) is { } suggestion
            ? $"--trust-proxy takes networks without bits behind their prefix; for '{wrong}' write {suggestion}, or the address alone."
            : $"--trust-proxy takes a network such as 10.0.0.0/8, an address, loopback, private or unix; '{wrong}' is none of these.");
        return null;
    }

    private static ForwardingHeaders? Headers(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        foreach (var (name, headers) in Kinds)
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
                return headers;
        }

        argument.AddError($"--forwarding-headers takes either, x-forwarded or forwarded; '{text}' is none of these.");
        return null;
    }
}
