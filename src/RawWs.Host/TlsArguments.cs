using System.CommandLine;
using System.CommandLine.Parsing;

namespace RawWs.Host;

/// <summary>The options of the command line that say how TLS is spoken.</summary>
internal sealed class TlsArguments
{
    private readonly Option<string[]?> _certificates = Files(
        "--tls-cert", "A certificate in PEM form, its chain behind it: all TCP ports speak TLS. Several, each with a --tls-key, are chosen from by the name that a client asks for; the first is for the rest.");

    private readonly Option<string[]?> _keys = Files("--tls-key", "The private key of a --tls-cert, in PEM form and without a passphrase.");

    private readonly Option<string[]?> _pfxFiles = Files("--tls-pfx", "A certificate and its key as a PFX file, instead of --tls-cert and --tls-key or beside them.");

    private readonly Option<string[]?> _pfxPasswordFiles = Files("--tls-pfx-password-file", "A file whose first line is the password of a --tls-pfx: one for all, or one for each.");

    private readonly Option<string?> _clientAuthorities = new("--tls-client-ca")
    {
        Description = "Authorities in PEM form: clients need a certificate that one of them has issued.",
        HelpName = "FILE",
        CustomParser = argument => File(argument, argument.Tokens[0].Value),
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_certificates);
        command.Options.Add(_keys);
        command.Options.Add(_pfxFiles);
        command.Options.Add(_pfxPasswordFiles);
        command.Options.Add(_clientAuthorities);
        command.Validators.Add(Check);
    }

    /// <param name="result">One without errors.</param>
    /// <returns>Null if TLS is not asked for.</returns>
    public TlsFiles? ValuesOf(ParseResult result)
    {
        var files = new TlsFiles
        {
            Certificates = result.GetValue(_certificates) ?? [],
            Keys = result.GetValue(_keys) ?? [],
            PfxFiles = result.GetValue(_pfxFiles) ?? [],
            PfxPasswordFiles = result.GetValue(_pfxPasswordFiles) ?? [],
            ClientAuthorities = result.GetValue(_clientAuthorities),
        };
        return files.Certificates.Count + files.PfxFiles.Count > 0 ? files : null;
    }

    private void Check(CommandResult result)
    {
        // From the words and not from the values: a value that is wrong by itself has its own error, and can't be asked for.
        var (certificates, keys, pfxFiles, passwords) = (CountOf(result, _certificates), CountOf(result, _keys), CountOf(result, _pfxFiles), CountOf(result, _pfxPasswordFiles));
        if (certificates != keys)
            result.AddError($"Each --tls-cert needs its --tls-key, in the same order; there are {certificates} and {keys}.");
        else if (passwords > 1 && passwords != pfxFiles)
            result.AddError($"--tls-pfx-password-file is given once for all --tls-pfx, or once for each; there are {passwords} for {pfxFiles}.");
        else if (passwords > 0 && pfxFiles == 0)
            result.AddError("--tls-pfx-password-file is for --tls-pfx FILE; add that. A key in PEM form has no passphrase.");
        else if (certificates + pfxFiles == 0 && CountOf(result, _clientAuthorities) > 0)
            result.AddError("--tls-client-ca needs a certificate of the server's own; add --tls-cert and --tls-key, or --tls-pfx. 'rawws dev-cert' makes one for localhost.");
    }

    private static int CountOf(CommandResult result, Option option) => result.GetResult(option)?.Tokens.Count ?? 0;

    private static Option<string[]?> Files(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "FILE",
        CustomParser = argument => [.. argument.Tokens.Select(token => File(argument, token.Value)).OfType<string>()],
    };

    // Here it is only looked whether it is there, so that a slip is told like one; reading it comes when the server starts.
    private static string? File(ArgumentResult argument, string path)
    {
        if (System.IO.File.Exists(path))
            return Path.GetFullPath(path);

        argument.AddError($"{((OptionResult)argument.Parent!).Option.Name} takes a file that exists; '{path}' is none. 'rawws dev-cert' makes a certificate for localhost."); // The argument of an option.
        return null;
    }
}
