from diracgan.cli import main

raise SystemExit(main())
